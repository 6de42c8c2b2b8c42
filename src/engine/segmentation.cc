#include "engine/segmentation.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "prepare/window_blender.h"

namespace thorax::engine {
namespace {

using prepare::BlendedBox;
using prepare::Grid;
using prepare::SlidingPlan;
using prepare::Window;
using prepare::WindowBlender;
using Order = std::array<std::size_t, 3>;  // axis i of the blender is axis order[i] of the volume

// Scores handed on at once: 64 MiB of fp32.
constexpr std::int64_t kScores = std::int64_t{1} << 24;
constexpr const char* kFeatures = "features";
constexpr const char* kClassify = "classify";

const FunctionInfo* find(const Description& model, const std::string& name) {
  const auto& all = model.functions;
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.name == name; });
  return at == all.end() ? nullptr : &*at;
}

const FunctionInfo& scoring(const Description& model) {
  const FunctionInfo* logits = find(model, "logits");
  const FunctionInfo& function = logits ? *logits : model.function({});
  const bool volumes = function.inputs.size() == 1 && function.inputs[0].shape.size() == 5 &&
                       !function.outputs.empty() && function.outputs[0].shape.size() == 5;
  if (!volumes)
    throw Error("bad_tensors"_code, {{"detail", "the model does not label the voxels of windows"}});
  return function;
}

bool blends_features(const Description& model, BlendedValue value) {
  const FunctionInfo* features = find(model, kFeatures);
  return value == BlendedValue::logits && features && find(model, kClassify) &&
         segmentation_classes(model) > features->outputs.at(0).shape.at(1);
}

std::int64_t blended_channels(const Description& model, BlendedValue value) {
  return blends_features(model, value) ? find(model, kFeatures)->outputs.at(0).shape.at(1)
                                       : segmentation_classes(model);
}

// The longest axis first, so that the cross-section that is held is the smallest.
Order axis_order(const SlidingPlan& plan) {
  Order order{0, 1, 2};
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return plan.volume()[a] > plan.volume()[b];
  });
  return order;
}

Grid in_volume_order(const Grid& values, const Order& order) {
  Grid result;
  for (std::size_t a = 0; a < 3; ++a) result[order[a]] = values[a];
  return result;
}

// [1, C, volume] with its axes in the blender's order, as values.
std::vector<float> in_blender_order(const Tensor& prediction, const Order& order) {
  Tensor view = prediction;
  for (std::size_t a = 0; a < 3; ++a) {
    view.shape[a + 2] = prediction.shape[order[a] + 2];
    view.strides[a + 2] = prediction.strides[order[a] + 2];
  }
  return view.to_float();
}

// [1, C, blender] as [C, volume].
Tensor from_blender_order(const Tensor& scores, const Order& order) {
  Tensor view = scores;
  view.shape.resize(4);
  view.strides.resize(4);
  view.shape[0] = scores.shape[1];
  view.strides[0] = scores.strides[1];
  for (std::size_t a = 0; a < 3; ++a) {
    view.shape[order[a] + 1] = scores.shape[a + 2];
    view.strides[order[a] + 1] = scores.strides[a + 2];
  }
  return view;
}

// Over the channels of [C, voxels].
void softmax(std::vector<float>& values, std::size_t channels) {
  const std::size_t voxels = values.size() / channels;
  for (std::size_t v = 0; v < voxels; ++v) {
    float largest = values[v], sum = 0;
    for (std::size_t c = 1; c < channels; ++c) largest = std::max(largest, values[c * voxels + v]);
    for (std::size_t c = 0; c < channels; ++c)
      sum += values[c * voxels + v] = std::exp(values[c * voxels + v] - largest);
    for (std::size_t c = 0; c < channels; ++c) values[c * voxels + v] /= sum;
  }
}

// Planes [z, z + count) of a box, [1, C, count, h, w]; the box's memory.
Tensor planes_of(const BlendedBox& box, std::int64_t channels, std::int64_t z, std::int64_t count) {
  const std::int64_t plane = box.size[1] * box.size[2];
  Tensor part;
  part.shape = {1, channels, count, box.size[1], box.size[2]};
  part.strides = {channels * box.size[0] * plane, box.size[0] * plane, plane, box.size[2], 1};
  part.data = reinterpret_cast<const std::byte*>(box.values.data() + z * plane);
  return part;
}

}  // namespace

Grid segmentation_window(const Description& model) {
  const std::vector<std::int64_t>& shape = scoring(model).inputs[0].shape;
  return {shape[2], shape[3], shape[4]};
}

std::int64_t segmentation_classes(const Description& model) {
  return scoring(model).outputs[0].shape[1];
}

std::size_t segmentation_bytes(const Description& model, const SlidingPlan& plan,
                               BlendedValue value) {
  const std::int64_t channels = blended_channels(model, value);
  const std::size_t prediction =
      sizeof(float) * static_cast<std::size_t>(channels * prepare::count_of(plan.window()));
  return WindowBlender::bytes(plan.permuted(axis_order(plan)), channels) + prediction +
         sizeof(float) * kScores;
}

void segment(Runner& runner, const SlidingPlan& plan, BlendedValue value,
             const SegmentationSteps& steps, const Progress& progress) {
  const Description& model = runner.describe();
  const bool features_only = blends_features(model, value);
  const FunctionInfo& function = features_only ? *find(model, kFeatures) : scoring(model);
  const std::int64_t channels = blended_channels(model, value);
  const std::int64_t widest = std::max(segmentation_classes(model), channels);
  const Order order = axis_order(plan);
  const SlidingPlan permuted = plan.permuted(order);
  require_memory(model.engine, segmentation_bytes(model, plan, value) + model.item_bytes);

  const auto hand_on = [&](const BlendedBox& box) {
    const std::int64_t plane = box.size[1] * box.size[2] * widest;
    const std::int64_t planes = std::max<std::int64_t>(1, kScores / plane);
    for (std::int64_t z = 0; z < box.size[0]; z += planes) {
      Tensor part = planes_of(box, channels, z, std::min(planes, box.size[0] - z));
      if (features_only) part = runner.run({part}, kClassify).at(0);
      steps.scores(in_volume_order({box.first[0] + z, box.first[1], box.first[2]}, order),
                   from_blender_order(part, order));
    }
  };
  WindowBlender blender(permuted, channels, hand_on);
  double done = 0;
  for (const Window& place : permuted.windows()) {
    progress.report("segment", done++ / static_cast<double>(permuted.windows().size()));
    const Window window{in_volume_order(place.place, order), in_volume_order(place.start, order)};
    std::vector<Tensor> out = runner.run({steps.input(window)}, function.name);
    if (steps.embedding && out.size() > 1) steps.embedding(window, out[1]);
    out.resize(1);
    std::vector<float> prediction = in_blender_order(out[0], order);
    out.clear();
    if (value == BlendedValue::probabilities)
      softmax(prediction, static_cast<std::size_t>(channels));
    blender.add(prediction);
  }
}

void take_best(const Tensor& scores, const Grid& first, const Grid& size,
               std::span<std::uint8_t> labels) {
  const auto* const values = reinterpret_cast<const float*>(scores.data);
  const std::vector<std::int64_t>& stride = scores.strides;
  std::vector<float> best(static_cast<std::size_t>(scores.shape[3]));
  for (std::int64_t z = 0; z < scores.shape[1]; ++z) {
    for (std::int64_t y = 0; y < scores.shape[2]; ++y) {
      const float* from = values + z * stride[1] + y * stride[2];
      std::uint8_t* const to =
          labels.data() + ((first[0] + z) * size[1] + first[1] + y) * size[2] + first[2];
      for (std::size_t x = 0; x < best.size(); ++x) {
        best[x] = from[static_cast<std::int64_t>(x) * stride[3]];
        to[x] = 0;
      }
      for (std::int64_t c = 1; c < scores.shape[0]; ++c) {
        from += stride[0];
        for (std::size_t x = 0; x < best.size(); ++x) {
          const float score = from[static_cast<std::int64_t>(x) * stride[3]];
          if (score <= best[x]) continue;
          best[x] = score;
          to[x] = static_cast<std::uint8_t>(c);
        }
      }
    }
  }
}

}  // namespace thorax::engine
