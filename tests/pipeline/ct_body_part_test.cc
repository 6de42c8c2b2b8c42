#include "pipeline/ct_body_part.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "drawn_model.h"
#include "pipeline/models.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using namespace testing_support;

constexpr int kSide = 64;

/// Scores of 0 … 100 are the network's own; 0.1 a mm.
quality::BodyPartReference reference() {
  quality::BodyPartReference constants;
  constants.raw_at_0 = 0;
  constants.raw_at_100 = 1;
  constants.slope_mean = 0.1;
  double score = 10;
  for (const char* name :
       {"pelvis_start", "femur_end", "L5",   "pelvis_end", "L4",      "L3",  "L2",  "L1",
        "Th12",         "Th11",      "Th10", "Th9",        "Th8",     "Th7", "Th6", "Th5",
        "Th4",          "Th3",       "Th2",  "Th1",        "C7",      "C6",  "C5",  "C4",
        "C3",           "C2",        "C1",   "eyes_end",   "head_end"})
    constants.landmarks[name] = score += 2;
  return constants;
}

/// The mean of a slice is its score: the volume gets brighter towards the head.
volume::CtVolume rising(int slices, double slice_mm, double from) {
  volume::CtVolume hu({.shape = {.z = slices, .y = kSide, .x = kSide},
                       .spacing = {.x = 7, .y = 7, .z = slice_mm},
                       .origin = {}});
  for (int z = 0; z < slices; ++z) {
    const double score = (from + 0.1 * slice_mm * z) / 100;
    const auto value = static_cast<std::int16_t>(std::lround(-1000 + 2500 * (score + 1) / 2));
    std::fill_n(hu.slice(z).begin(), kSide * kSide, value);
  }
  return hu;
}

CtBodyPart drawn(std::vector<std::int64_t>* batches, const nlohmann::json& manifest = {}) {
  LearnedModel model = drawn_model(
      "ct-body-part", std::make_unique<MeanRunner>(
                          std::vector<std::int64_t>{-1, 1, 128, 128}, "scores",
                          [](float mean) { return std::vector<float>{mean}; }, batches));
  if (manifest.is_object()) model.manifest.json = manifest;
  return {std::move(model), reference()};
}

TEST(CtBodyPart, ScoresSlicesThatLieAboutFiveMillimetresApart) {
  std::vector<std::int64_t> batches;
  const auto opinion = drawn(&batches).look(rising(300, 1, 24), {});
  ASSERT_TRUE(opinion);
  EXPECT_EQ(opinion->step, 5);
  EXPECT_EQ(batches, (std::vector<std::int64_t>{16, 16, 16, 12}));
  EXPECT_EQ(opinion->scores.cleaned.size(), 60u);
  EXPECT_EQ(opinion->scores.spacing_fits, true);
  // From 24 to 54: Th12 is 28, Th1 50.
  EXPECT_EQ(opinion->part, "CHEST");
  ASSERT_TRUE(opinion->chest);
  EXPECT_NEAR(opinion->chest->first, 40, 10);
  EXPECT_NEAR(opinion->chest->last, 255, 10);
}

TEST(CtBodyPart, TheManifestSaysHowFarApart) {
  std::vector<std::int64_t> batches;
  const auto opinion = drawn(&batches, {{"slice_distance_mm", 2.5}}).look(rising(40, 2, 24), {});
  EXPECT_EQ(opinion->step, 1);
  EXPECT_EQ(opinion->scores.cleaned.size(), 40u);
}

TEST(CtBodyPart, TheRowKeepsWhatTheReportShows) {
  const auto opinion = drawn(nullptr).look(rising(60, 5, 24), {});
  const report::BodyPartRow row = body_part_row(*opinion, false);
  EXPECT_EQ(row.model, "drawn");
  EXPECT_EQ(row.part, "CHEST");
  EXPECT_FALSE(row.agrees);
  EXPECT_EQ(row.scores.size(), 60u);
  EXPECT_TRUE(row.chest_slices);
}

TEST(CtBodyPart, WithoutAModelNothingIsSaid) {
  const TemporaryFolder folder;
  ModelOptions options;
  options.folder = folder.path().string();
  const CtBodyPart none = CtBodyPart::load(options);
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.look(rising(20, 5, 24), {}));
  options.ct_body_part = "absent";
  EXPECT_THROW(CtBodyPart::load(options), Error);
  options.ct_body_part = "ct-quantitative";
  EXPECT_THROW(CtBodyPart::load(options), Error) << "no network";
}

}  // namespace
}  // namespace thorax::pipeline
