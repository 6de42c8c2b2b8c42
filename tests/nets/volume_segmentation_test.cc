#include "nets/volume_segmentation.h"

#include <gtest/gtest.h>

#include "torch_golden.h"

namespace thorax::nets {
namespace {

Tensor window_of(const Tensor& volume, const Window& window, std::int64_t size) {
  return volume.slice(2, window.start[0], window.start[0] + size)
      .slice(3, window.start[1], window.start[1] + size)
      .slice(4, window.start[2], window.start[2] + size);
}

TEST(GoldenVolumeSegmentation, TwoChannelsWithTheWholeVolumeAsTheSecond) {
  const c10::InferenceMode inference;
  golden::Golden golden("s4_sliding", "tiny");
  const nlohmann::json& model = golden.facts().at("model");
  SwinUnetr network(
      SwinUnetrOptions{.swin = {.in_channels = model.at("in_channels").get<std::int64_t>(),
                                .feature_size = model.at("feature_size").get<std::int64_t>(),
                                .merging = PatchMerging::monai_1_4},
                       .classes = model.at("out_channels").get<std::int64_t>()});
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const auto window = golden.facts().at("window").get<std::int64_t>();
  const Tensor volume = golden::input(golden.facts().at("input"));
  const Tensor global = at::upsample_trilinear3d(volume, {window, window, window}, false);
  golden::check(golden, "global", global);

  const SlidingPlan plan({volume.size(2), volume.size(3), volume.size(4)},
                         {.window = {window, window, window},
                          .overlap = golden.facts().at("overlap").get<double>(),
                          .blend = WindowBlend::constant,
                          .repeat_last = true});
  EXPECT_EQ(plan.visits(), golden.facts().at("positions").get<std::vector<Grid>>());
  std::map<Grid, Tensor> embeddings;
  Tensor probabilities = at::full({5, volume.size(2), volume.size(3), volume.size(4)}, -1.F);
  const SegmentationSteps steps{
      .input =
          [&](const Window& at) {
            return at::cat({window_of(volume, at, window), global}, 1);
          },
      .embedding = [&](const Window& at, const Tensor& value) { embeddings[at.start] = value; },
      .scores =
          [&](const Grid& first, const Tensor& scores) {
            probabilities.narrow(1, first[0], scores.size(1))
                .narrow(2, first[1], scores.size(2))
                .narrow(3, first[2], scores.size(3))
                .copy_(scores);
          },
  };
  segment(network, plan, BlendedValue::probabilities, steps);
  std::vector<Tensor> in_order;
  for (const Grid& start : plan.visits()) in_order.push_back(embeddings.at(start));
  golden::check(golden, "embeddings", at::cat(in_order));
  golden::check(golden, "segmentation_probabilities", probabilities.unsqueeze(0));
  // Voxels where two probabilities tie within the error may take either label.
  golden::check(golden, "segmentation", at::argmax(probabilities, 0).unsqueeze(0), 1e-2);
}

TEST(VolumeSegmentation, BlendedFeaturesGiveTheLabelsOfBlendedLogits) {
  const c10::InferenceMode inference;
  // 14 classes: more than the 12 features, so features are blended.
  SwinUnetr network(SwinUnetrOptions{.swin = {.feature_size = 12}, .classes = 14});
  network->eval();
  golden::fill(*network);
  const std::int64_t window = 64;
  const Tensor volume = at::linspace(-3, 3, 96 * 64 * 64).sin().view({1, 1, 64, 64, 96});
  const SlidingPlan plan({64, 64, 96}, {.window = {window, window, window}});
  Tensor sum = at::zeros({1, 14, 64, 64, 96}), weight = at::zeros({64, 64, 96});
  const Tensor importance =
      at::tensor(at::ArrayRef<float>(plan.importance().data(), plan.importance().size()))
          .view({window, window, window});
  ASSERT_EQ(plan.windows().size(), 2u);
  for (const Window& at : plan.windows()) {
    sum.narrow(4, at.start[2], window) +=
        network->forward(window_of(volume, at, window)) * importance;
    weight.narrow(2, at.start[2], window) += importance;
  }
  const Tensor expected = at::argmax((sum / weight).squeeze(0), 0);
  const Tensor labels =
      segment_labels(network, plan, BlendedValue::logits,
                     {.input = [&](const Window& at) { return window_of(volume, at, window); },
                      .embedding = {},
                      .scores = {}});
  EXPECT_EQ(labels.scalar_type(), at::kShort);
  EXPECT_GT((labels == expected).to(at::kFloat).mean().item<float>(), 0.9999F);
}

TEST(VolumeSegmentation, MemoryIsTheSameForAnyNumberOfClasses) {
  const SlidingPlan plan({300, 512, 512}, {});
  const auto bytes = [&](std::int64_t classes) {
    return segmentation_bytes({.swin = {}, .classes = classes}, plan, BlendedValue::logits);
  };
  EXPECT_EQ(bytes(49), bytes(5000));
  EXPECT_LT(bytes(5000), std::size_t{2} << 30);
}

}  // namespace
}  // namespace thorax::nets
