#include "pipeline/ct_slabs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "drawn_model.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using namespace testing_support;
using nlohmann::json;

constexpr int kSide = 8;

/// Slices of one value each.
volume::CtVolume slices(const std::vector<std::int16_t>& values) {
  volume::CtVolume hu({.shape = {.z = static_cast<int>(values.size()), .y = kSide, .x = kSide},
                       .spacing = {.x = 1, .y = 1, .z = 1},
                       .origin = {}});
  for (std::size_t z = 0; z < values.size(); ++z)
    std::fill_n(hu.slice(static_cast<int>(z)).begin(), kSide * kSide, values[z]);
  return hu;
}

/// A network that finds a slab as suspicious as it is bright: 0 HU is 0, 100 HU is 1.
LearnedModel slab_network(json series, std::int64_t channels,
                          std::vector<std::int64_t>* batches = nullptr) {
  LearnedModel model = drawn_model(
      "ct-slab-classification",
      std::make_unique<MeanRunner>(
          std::vector<std::int64_t>{-1, channels, kSide, kSide}, "logits",
          [](float mean) { return std::vector<float>{std::log(mean / (1 - mean))}; }, batches));
  model.manifest.json["series"] = std::move(series);
  return model;
}

json averaged() {
  return {{"input", "slabs"}, {"neighbours", 1}, {"windows", {{0, 100}}},
          {"step", 1},        {"share", 1},      {"band", {0.45, 0.55}}};
}

json packs() {
  return {{"input", "packs"}, {"neighbours", 3}, {"windows", {{0, 100}, {0, 100}}},
          {"step", 2},        {"share", 0.2},    {"band", {0.45, 0.55}}};
}

/// A network over the whole volume that always says the same.
LearnedModel volume_network(std::vector<float> logits, std::int64_t channels = 1) {
  LearnedModel model =
      drawn_model("ct-volume-classification",
                  std::make_unique<MeanRunner>(std::vector<std::int64_t>{-1, channels, 4, 4, 4},
                                               "logits", [logits](float) { return logits; }));
  model.manifest.name = "second";
  model.manifest.json["preprocessing"] = {{"spacing_mm", {1, 1, 1}},
                                          {"low", -1000},
                                          {"high", 1000},
                                          {"divisor", 1000},
                                          {"padding", -1}};
  return model;
}

TEST(CtSlabs, AScoreASliceAndTheirMean) {
  std::vector<std::int64_t> batches;
  const CtSlabs network(slab_network(averaged(), 1, &batches), {});
  const auto opinion = network.judge(slices({10, 10, 20, 20, 30, 30, 10, 10, 20, 40}), {});
  EXPECT_EQ(batches, (std::vector<std::int64_t>{8, 2}));
  EXPECT_NEAR(opinion.probability.value(), 0.2, 1e-6);
  EXPECT_FALSE(opinion.decides);
  ASSERT_TRUE(opinion.series);
  EXPECT_EQ(opinion.series->slabs, 10);
  EXPECT_NEAR(opinion.series->first, 0.2, 1e-6);
  EXPECT_TRUE(opinion.series->second_model.empty());
}

TEST(CtSlabs, PacksLieInTheMiddleAndTheHighestCount) {
  // Every second of ten slices; the highest fifth of five packs is one.
  const CtSlabs network(slab_network(packs(), 6), {});
  const auto opinion = network.judge(slices({10, 10, 10, 10, 20, 60, 40, 20, 10, 10}), {});
  EXPECT_EQ(opinion.series->slabs, 5);
  EXPECT_NEAR(opinion.probability.value(), 0.4, 1e-6) << "the mean of 60, 40 and 20";
}

TEST(CtSlabs, InsideTheBandTheSecondNetworkIsAskedAndTheMeanCounts) {
  const CtSlabs network(slab_network(averaged(), 1), volume_network({0, std::log(4.0F)}));
  const auto opinion = network.judge(slices({50, 52, 54}), {});
  EXPECT_NEAR(opinion.series->first, 0.52, 1e-6);
  EXPECT_EQ(opinion.series->second_model, "second");
  EXPECT_NEAR(opinion.series->second, 0.8, 1e-6);
  EXPECT_NEAR(opinion.probability.value(), 0.66, 1e-6);
  EXPECT_EQ(network.models().size(), 2u);
}

TEST(CtSlabs, OutsideTheBandNobodyElseIsAsked) {
  const CtSlabs network(slab_network(averaged(), 1), volume_network({5}));
  const auto opinion = network.judge(slices({60, 60, 60}), {});
  EXPECT_TRUE(opinion.series->second_model.empty());
  EXPECT_NEAR(opinion.probability.value(), 0.6, 1e-6);
}

TEST(CtSlabs, ASecondNetworkOfThreeChannelsSeesTheVolumeInEach) {
  const CtSlabs network(slab_network(averaged(), 1), volume_network({std::log(4.0F)}, 3));
  EXPECT_NEAR(network.judge(slices({50, 50, 50}), {}).series->second, 0.8, 1e-6);
}

TEST(CtSlabs, TheManifestsThresholdAndVerdictAreKept) {
  LearnedModel model = slab_network(averaged(), 1);
  model.manifest.json["thresholds"] = {0.83};
  model.manifest.json["verdict"] = "decides";
  const auto opinion = CtSlabs(std::move(model), {}).judge(slices({10, 10, 10}), {});
  EXPECT_EQ(opinion.threshold, 0.83);
  EXPECT_TRUE(opinion.decides);
}

TEST(CtSlabs, RefusesManifestsThatDoNotFit) {
  EXPECT_THROW(CtSlabs(slab_network(averaged(), 3), {}), Error) << "one window, three channels";
  EXPECT_THROW(CtSlabs(slab_network(nullptr, 1), {}), Error);
  for (const auto& [key, value] : std::map<std::string, json>{{"input", "cubes"},
                                                              {"step", 0},
                                                              {"share", 0},
                                                              {"band", {0.6, 0.4}},
                                                              {"windows", "wide"}}) {
    json series = averaged();
    series[key] = value;
    EXPECT_THROW(CtSlabs(slab_network(series, 1), {}), Error) << key;
  }
  LearnedModel bare = volume_network({0});
  bare.manifest.json.erase("preprocessing");
  EXPECT_THROW(CtSlabs(slab_network(averaged(), 1), std::move(bare)), Error);
  const CtSlabs three(slab_network(averaged(), 1), volume_network({0, 0, 0}));
  EXPECT_THROW(three.judge(slices({50, 50, 50}), {}), Error);
}

TEST(CtSlabs, WithoutAModelThereIsNone) {
  const TemporaryFolder folder;
  ModelOptions options;
  options.folder = folder.path().string();
  EXPECT_TRUE(CtSlabs::load(options).empty());
}

}  // namespace
}  // namespace thorax::pipeline
