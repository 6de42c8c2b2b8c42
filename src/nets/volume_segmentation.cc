#include "nets/volume_segmentation.h"

#include <algorithm>

#include "nets/window_blender.h"

namespace thorax::nets {
namespace {

// Scores handed on at once: 64 MiB of fp32.
constexpr std::int64_t kScores = std::int64_t{1} << 24;

bool blends_features(const SwinUnetrOptions& network, BlendedValue value) {
  return value == BlendedValue::logits && network.classes > network.swin.feature_size;
}

std::int64_t blended_channels(const SwinUnetrOptions& network, BlendedValue value) {
  return blends_features(network, value) ? network.swin.feature_size : network.classes;
}

// The longest axis first, so that the cross-section that is held is the smallest.
std::array<std::size_t, 3> axis_order(const SlidingPlan& plan) {
  std::array<std::size_t, 3> order{0, 1, 2};
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return plan.volume()[a] > plan.volume()[b];
  });
  return order;
}

Grid in_volume_order(const Grid& values, const std::array<std::size_t, 3>& order) {
  Grid result;
  for (std::size_t a = 0; a < 3; ++a) result[order[a]] = values[a];
  return result;
}

// Tensors [B, C, d, h, w] to the blender's order of axes, and back.
std::vector<std::int64_t> to_blender(const std::array<std::size_t, 3>& order) {
  std::vector<std::int64_t> axes{0, 1};
  for (const std::size_t axis : order) axes.push_back(static_cast<std::int64_t>(axis) + 2);
  return axes;
}
std::vector<std::int64_t> from_blender(const std::array<std::size_t, 3>& order) {
  const Grid place = in_volume_order({2, 3, 4}, order);
  return {0, 1, place[0], place[1], place[2]};
}

}  // namespace

std::size_t segmentation_bytes(const SwinUnetrOptions& network, const SlidingPlan& plan,
                               BlendedValue value) {
  const std::int64_t channels = blended_channels(network, value);
  const std::size_t prediction =
      sizeof(float) * static_cast<std::size_t>(channels * count_of(plan.window()));
  return WindowBlender::bytes(plan.permuted(axis_order(plan)), channels) + prediction +
         sizeof(float) * kScores;
}

void segment(SwinUnetr network, const SlidingPlan& plan, BlendedValue value,
             const SegmentationSteps& steps) {
  const SwinUnetrOptions& options = network->options();
  const bool features_only = blends_features(options, value);
  const std::int64_t channels = blended_channels(options, value);
  const auto type = network->parameters().front().scalar_type();
  const auto order = axis_order(plan);
  const SlidingPlan permuted = plan.permuted(order);

  const auto hand_on = [&](const BlendedBox& box) {
    // Only read: from_blob has no const form.
    const Tensor values = at::from_blob(const_cast<float*>(box.values.data()),
                                        {1, channels, box.size[0], box.size[1], box.size[2]});
    const std::int64_t plane = box.size[1] * box.size[2] * std::max(options.classes, channels);
    const std::int64_t planes = std::max<std::int64_t>(1, kScores / plane);
    for (std::int64_t z = 0; z < box.size[0]; z += planes) {
      Tensor part = values.narrow(2, z, std::min(planes, box.size[0] - z));
      if (features_only) part = network->classify(part.to(type)).to(at::kFloat);
      steps.scores(in_volume_order({box.first[0] + z, box.first[1], box.first[2]}, order),
                   part.permute(from_blender(order)).squeeze(0));
    }
  };
  WindowBlender blender(permuted, channels, hand_on);
  for (const Window& place : permuted.windows()) {
    const Window window{in_volume_order(place.place, order), in_volume_order(place.start, order)};
    SwinFeatures features = network->encode(steps.input(window).to(type));
    if (steps.embedding) steps.embedding(window, encoder_embedding(features));
    Tensor prediction = network->decode(std::move(features));
    if (!features_only) prediction = network->classify(prediction);
    prediction = prediction.to(at::kFloat);
    if (value == BlendedValue::probabilities) prediction = at::softmax(prediction, 1);
    prediction = prediction.permute(to_blender(order)).contiguous();
    blender.add({prediction.data_ptr<float>(), static_cast<std::size_t>(prediction.numel())});
  }
}

Tensor segment_labels(SwinUnetr network, const SlidingPlan& plan, BlendedValue value,
                      SegmentationSteps steps) {
  const Grid& size = plan.volume();
  Tensor labels = at::zeros({size[0], size[1], size[2]}, at::kShort);
  steps.scores = [&](const Grid& first, const Tensor& scores) {
    labels.narrow(0, first[0], scores.size(1))
        .narrow(1, first[1], scores.size(2))
        .narrow(2, first[2], scores.size(3))
        .copy_(at::argmax(scores, 0));
  };
  segment(network, plan, value, steps);
  return labels;
}

}  // namespace thorax::nets
