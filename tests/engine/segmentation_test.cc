// Volumes labelled window by window, through a model folder.
#include "engine/segmentation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"
#include "golden_model.h"
#include "prepare/segmentation_volume.h"

namespace thorax::engine {
namespace {

using prepare::Grid;
using prepare::SlidingPlan;
using prepare::Window;

struct Volume {
  Grid size;
  std::vector<float> values;

  /// One channel of a window, [1, 1, window] or behind what is there.
  void append(const SlidingPlan& plan, const Window& window, std::vector<float>& to) const {
    const auto count = static_cast<std::size_t>(prepare::count_of(plan.window()));
    to.resize(to.size() + count);
    plan.extract(values, window, 0, std::span(to).last(count));
  }
};

/// Writes scores [classes, d, h, w] into [classes, size].
void place(const Tensor& scores, const Grid& first, const Grid& size, std::vector<float>& into) {
  const std::vector<float> values = scores.to_float();
  std::size_t i = 0;
  for (std::int64_t c = 0; c < scores.shape[0]; ++c)
    for (std::int64_t z = 0; z < scores.shape[1]; ++z)
      for (std::int64_t y = 0; y < scores.shape[2]; ++y)
        for (std::int64_t x = 0; x < scores.shape[3]; ++x)
          into[static_cast<std::size_t>(
              ((c * size[0] + first[0] + z) * size[1] + first[1] + y) * size[2] + first[2] + x)] =
              values[i++];
}

std::vector<std::uint8_t> labels_of(const std::vector<float>& scores, const Grid& size) {
  const auto voxels = static_cast<std::size_t>(prepare::count_of(size));
  const Tensor tensor = weights::make_tensor(
      {static_cast<std::int64_t>(scores.size() / voxels), size[0], size[1], size[2]}, scores);
  std::vector<std::uint8_t> labels(voxels, 255);
  take_best(tensor, {0, 0, 0}, size, labels);
  return labels;
}

TEST(GoldenVolumeSegmentation, TwoChannelsWithTheWholeVolumeAsTheSecond) {
  golden::Golden golden("s4_sliding", "tiny");
  const nlohmann::json& facts = golden.facts();
  const auto side = facts.at("window").get<std::int64_t>();
  const testing_support::TemporaryFolder folder;
  const auto runner = golden_model(golden.state_dict(), folder.path(), "swin_unetr",
                                   {{"classes", facts.at("model").at("out_channels")},
                                    {"in_channels", facts.at("model").at("in_channels")},
                                    {"feature_size", facts.at("model").at("feature_size")},
                                    {"window", side},
                                    {"patch_merging", "monai_1_4"}});
  const auto shape = facts.at("input").at("shape").get<std::vector<std::int64_t>>();
  const Volume volume{{shape[2], shape[3], shape[4]}, golden::Golden::input(facts.at("input"))};
  std::vector<float> global(static_cast<std::size_t>(side * side * side));
  prepare::resize_trilinear(volume.values, volume.size, {side, side, side}, global);
  golden.check("global", {1, 1, side, side, side}, global);

  const SlidingPlan plan(volume.size, {.window = segmentation_window(runner->describe()),
                                       .overlap = facts.at("overlap").get<double>(),
                                       .blend = prepare::WindowBlend::constant,
                                       .repeat_last = true});
  EXPECT_EQ(plan.visits(), facts.at("positions").get<std::vector<Grid>>());
  const std::int64_t classes = segmentation_classes(runner->describe());
  std::vector<float> scores(static_cast<std::size_t>(classes * prepare::count_of(volume.size)),
                            -1.F);
  std::map<Grid, std::vector<float>> embeddings;
  segment(*runner, plan, BlendedValue::probabilities,
          {.input =
               [&](const Window& at) {
                 std::vector<float> values;
                 volume.append(plan, at, values);
                 values.insert(values.end(), global.begin(), global.end());
                 return weights::make_tensor({1, 2, side, side, side}, values);
               },
           .embedding = [&](const Window& at,
                            const Tensor& value) { embeddings[at.start] = value.to_float(); },
           .scores = [&](const Grid& first,
                         const Tensor& part) { place(part, first, volume.size, scores); }});
  std::vector<float> in_order;
  for (const Grid& start : plan.visits())
    in_order.insert(in_order.end(), embeddings.at(start).begin(), embeddings.at(start).end());
  const auto places = static_cast<std::int64_t>(plan.visits().size());
  golden.check("embeddings", {places, static_cast<std::int64_t>(in_order.size()) / places},
               in_order);
  golden.check("segmentation_probabilities",
               {1, classes, volume.size[0], volume.size[1], volume.size[2]}, scores);
  // Voxels where two probabilities tie within the error may take either label.
  const std::vector<std::uint8_t> labels = labels_of(scores, volume.size);
  golden.check("segmentation", {1, volume.size[0], volume.size[1], volume.size[2]},
               std::vector<float>(labels.begin(), labels.end()), 1e-2);
}

TEST(VolumeSegmentation, BlendedFeaturesGiveTheLabelsOfBlendedLogits) {
  // 14 classes: more than the 12 features, so features are blended.
  golden::Golden golden("swin_unetr", "tiny_v1_merging_monai132");
  std::vector<golden::Entry> entries = golden.state_dict();
  for (golden::Entry& entry : entries)
    if (entry.key.starts_with("out.")) entry.shape[0] = 14;
  const testing_support::TemporaryFolder folder;
  const auto runner = golden_model(
      entries, folder.path(), "swin_unetr",
      {{"classes", 14}, {"feature_size", 12}, {"window", 64}, {"patch_merging", "monai_1_4"}});
  const std::int64_t classes = segmentation_classes(runner->describe());
  Volume volume{{64, 64, 96}, {}};
  for (std::int64_t i = 0; i < prepare::count_of(volume.size); ++i)
    volume.values.push_back(std::sin(static_cast<float>(i) * 1.5e-5F - 3));
  const SlidingPlan plan(volume.size, {.window = {64, 64, 64}});
  ASSERT_EQ(plan.windows().size(), 2u);
  const auto input = [&](const Window& at) {
    std::vector<float> values;
    volume.append(plan, at, values);
    return weights::make_tensor({1, 1, 64, 64, 64}, values);
  };
  // The plain way: logits of both windows, weighted and divided.
  const auto voxels = static_cast<std::size_t>(prepare::count_of(volume.size));
  std::vector<float> sum(static_cast<std::size_t>(classes) * voxels), weight(voxels);
  for (const Window& at : plan.windows()) {
    const std::vector<float> logits = runner->run({input(at)}, "logits").at(0).to_float();
    std::size_t i = 0;
    for (std::size_t c = 0; c < static_cast<std::size_t>(classes); ++c)
      for (std::size_t row = 0; row < 64 * 64; ++row)
        for (std::size_t x = 0; x < 64; ++x, ++i) {
          const std::size_t to = row * 96 + static_cast<std::size_t>(at.start[2]) + x;
          sum[c * voxels + to] += logits[i] * plan.importance()[row * 64 + x];
          if (c == 0) weight[to] += plan.importance()[row * 64 + x];
        }
  }
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] /= weight[i % voxels];
  const std::vector<std::uint8_t> expected = labels_of(sum, volume.size);

  std::vector<std::uint8_t> labels(voxels, 255);
  segment(*runner, plan, BlendedValue::logits,
          {.input = input, .embedding = {}, .scores = [&](const Grid& first, const Tensor& part) {
             take_best(part, first, volume.size, labels);
           }});
  std::size_t same = 0;
  for (std::size_t i = 0; i < voxels; ++i) same += labels[i] == expected[i];
  EXPECT_GT(same, voxels * 9999 / 10000);
}

Description drawn(std::int64_t classes) {
  Description model;
  const weights::TensorInfo volume{"volume", weights::DType::f32, {-1, 1, 96, 96, 96}};
  const weights::TensorInfo features{"features", weights::DType::f32, {-1, 48, 96, 96, 96}};
  const weights::TensorInfo logits{"logits", weights::DType::f32, {-1, classes, 96, 96, 96}};
  model.functions = {{"logits", {volume}, {logits}},
                     {"features", {volume}, {features}},
                     {"classify", {features}, {logits}}};
  return model;
}

TEST(VolumeSegmentation, MemoryIsTheSameForAnyNumberOfClasses) {
  const SlidingPlan plan({300, 512, 512}, {});
  const std::size_t few = segmentation_bytes(drawn(49), plan, BlendedValue::logits);
  EXPECT_EQ(few, segmentation_bytes(drawn(5000), plan, BlendedValue::logits));
  EXPECT_LT(few, std::size_t{2} << 30);
}

TEST(VolumeSegmentation, OtherModelsAreRefused) {
  Description model;
  model.functions = {{"logits",
                      {{"pictures", weights::DType::f32, {-1, 3, 224, 224}}},
                      {{"logits", weights::DType::f32, {-1, 2}}}}};
  EXPECT_THROW(segmentation_window(model), Error);
}

TEST(VolumeSegmentation, TheFirstOfEqualScoresWins) {
  EXPECT_EQ(labels_of({1, 2, 2, 5, 3, 2, 1, 5}, {1, 2, 2}),
            (std::vector<std::uint8_t>{1, 0, 0, 0}));
}

}  // namespace
}  // namespace thorax::engine
