#include "pipeline/ct_segmentation.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "drawn_model.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using namespace testing_support;
using nlohmann::json;

constexpr std::int64_t kSide = 8, kClasses = 3;

/// Takes bright voxels (above 0.5) for class 1, and nothing for class 2. The embedding is the
/// window's mean.
class BrightRunner : public engine::Runner {
 public:
  explicit BrightRunner(std::int64_t channels, std::int64_t classes = kClasses) {
    using weights::DType;
    description_.engine = "torch";
    description_.functions = {{"logits",
                               {{"volume", DType::f32, {-1, channels, kSide, kSide, kSide}}},
                               {{"logits", DType::f32, {-1, classes, kSide, kSide, kSide}},
                                {"embedding", DType::f32, {-1, 1}}}}};
  }
  const engine::Description& describe() const override { return description_; }

 private:
  std::vector<engine::Tensor> compute(const std::vector<engine::Tensor>& inputs,
                                      const engine::FunctionInfo&) override {
    constexpr std::size_t kVoxels = kSide * kSide * kSide;
    const std::vector<float> values = inputs[0].to_float();
    std::vector<float> scores(kClasses * kVoxels, 0);
    std::fill_n(scores.begin(), kVoxels, 0.5F);
    std::copy_n(values.begin(), kVoxels, scores.begin() + kVoxels);
    const float mean =
        std::accumulate(values.begin(), values.end(), 0.0F) / static_cast<float>(values.size());
    return {weights::make_tensor({1, kClasses, kSide, kSide, kSide}, scores),
            weights::make_tensor({1, 1}, {mean})};
  }
  engine::Description description_;
};

LearnedModel network(std::int64_t channels = 1, const json& changes = json::object()) {
  LearnedModel model = drawn_model("ct-segmentation", std::make_unique<BrightRunner>(channels));
  model.manifest.name = "organs";
  model.manifest.labels = {"background", "lamp", "shade"};
  model.manifest.json = {
      {"preprocessing",
       {{"spacing_mm", {1, 1, 1}}, {"low", -1000}, {"high", 400}, {"padded_to", {0, 0, 0}}}},
      {"sliding",
       {{"overlap", 0.25}, {"blend", "gaussian"}, {"blended", "logits"}, {"repeat_last", false}}}};
  model.manifest.json.merge_patch(changes);
  return model;
}

/// Reads embeddings of one value and finds the first class as likely as the first is bright.
class WriterRunner : public engine::Runner {
 public:
  WriterRunner() {
    using weights::DType;
    description_.engine = "torch";
    const weights::TensorInfo patches{"patches", DType::f32, {-1, -1, 1}};
    const weights::TensorInfo logits{"logits", DType::f32, {-1, 2}};
    description_.functions = {{"logits", {patches}, {logits}},
                              {"write", {patches}, {{"tokens", DType::i64, {-1, -1}}, logits}}};
  }
  const engine::Description& describe() const override { return description_; }

 private:
  std::vector<engine::Tensor> compute(const std::vector<engine::Tensor>& inputs,
                                      const engine::FunctionInfo&) override {
    return {weights::make_tensor(
        {1, 2}, {static_cast<float>(inputs[0].shape[1]), inputs[0].to_float().front()})};
  }
  engine::Description description_;
};

volume::CtVolume lamp() {
  volume::CtVolume hu(
      {.shape = {.z = 10, .y = 12, .x = 20}, .spacing = {.x = 1, .y = 1, .z = 2}, .origin = {}},
      std::int16_t{-1000});
  for (int z = 3; z < 7; ++z)
    for (int y = 2; y < 8; ++y)
      for (int x = 11; x < 19; ++x) hu(z, y, x) = 400;
  return hu;
}

TEST(CtSegmentation, OutlinesAndMeasuresOnTheCtsGrid) {
  const CtSegmentation segmentation(network(), {}, {});
  const volume::CtVolume hu = lamp();
  const CtSegmentation::Seen seen = segmentation.look(hu, {}, {});
  EXPECT_EQ(seen.labels.grid().shape.count(), hu.size());
  int wrong = 0;
  for (std::size_t i = 0; i < hu.size(); ++i) wrong += seen.labels[i] != (hu[i] == 400 ? 1 : 0);
  EXPECT_EQ(wrong, 0);
  ASSERT_EQ(seen.organs.organs.size(), 2u);
  EXPECT_EQ(seen.organs.model, "organs");
  EXPECT_EQ(seen.organs.organs[0].name, "lamp");
  EXPECT_NEAR(seen.organs.organs[0].volume_ml, 4 * 6 * 8 * 2 / 1000.0, 1e-9);
  EXPECT_EQ(seen.organs.organs[1].volume_ml, 0);
  EXPECT_FALSE(seen.draft || seen.opinion);
}

TEST(CtSegmentation, ASecondChannelHoldsTheWholeScan) {
  const CtSegmentation segmentation(network(2), {}, {});
  EXPECT_NEAR(segmentation.look(lamp(), {}, {}).organs.organs[0].volume_ml, 0.384, 1e-9);
}

TEST(CtSegmentation, AWriterIsGivenTheEmbeddingsOfAllVisits) {
  LearnedModel writer = drawn_model("ct-report", std::make_unique<WriterRunner>());
  writer.manifest.labels = {"windows", "bright"};
  const json again{{"sliding", {{"repeat_last", true}}}};
  const CtSegmentation segmentation(network(1, again), std::move(writer), {});
  const auto seen = segmentation.look(lamp(), {}, {});
  ASSERT_TRUE(seen.opinion);
  EXPECT_EQ(seen.opinion->findings.size(), 2u);
  EXPECT_EQ(seen.opinion->findings[0].id, "windows");
  // 20, 12 and 19 voxels at a stride of 6 from 0 on: 4, 2 and 4 visits, one of them repeated.
  EXPECT_NEAR(seen.opinion->findings[0].probability, 1, 1e-6);
  EXPECT_FALSE(seen.draft) << "no vocabulary";
  EXPECT_EQ(segmentation.models().size(), 2u);
}

TEST(CtSegmentation, RefusesManifestsThatDoNotFit) {
  for (const json& changes :
       {json{{"sliding", nullptr}}, json{{"sliding", {{"blend", "square"}}}},
        json{{"sliding", {{"blended", "votes"}}}}, json{{"preprocessing", {{"low", "air"}}}}})
    EXPECT_THROW(CtSegmentation(network(1, changes), {}, {}), Error) << changes.dump();
  EXPECT_THROW(CtSegmentation(network(3), {}, {}), Error);
  LearnedModel many = network();
  many.runner = std::make_unique<BrightRunner>(1, 257);
  EXPECT_THROW(CtSegmentation(std::move(many), {}, {}), Error);
}

TEST(CtSegmentation, WithoutAModelThereIsNone) {
  const TemporaryFolder folder;
  ModelOptions options;
  options.folder = folder.path().string();
  EXPECT_TRUE(CtSegmentation::load(options).empty());
  options.ct_segmentation = "absent";
  EXPECT_THROW(CtSegmentation::load(options), Error);
}

}  // namespace
}  // namespace thorax::pipeline
