#include "quality/body_part_gate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "quality/body_part_reference.h"
#include "support/temporary_folder.h"

namespace thorax::quality {
namespace {

using testing_support::TemporaryFolder;

// Scores rise by 0.08 a mm, as in the published model; the network's own scale runs from 0 to 10.
// Landmarks stand where the published table has them.
constexpr const char* kSettings = R"({
  "settings": {"start-landmark": "pelvis_start", "end-landmark": "eyes_end"},
  "lookuptable_train_val": {
    "original": {"pelvis_start": {"mean": 0.0, "std": 1}, "eyes_end": {"mean": 10.0, "std": 1}},
    "transformed": {
      "pelvis_start": {"mean": 0.0}, "femur_end": {"mean": 13.6}, "L5": {"mean": 25.5},
      "pelvis_end": {"mean": 28.8}, "L4": {"mean": 29.4}, "L3": {"mean": 33.8},
      "L2": {"mean": 37.8}, "L1": {"mean": 41.5}, "Th12": {"mean": 45.0}, "Th11": {"mean": 47.7},
      "Th10": {"mean": 51.1}, "Th9": {"mean": 54.0}, "Th8": {"mean": 56.9}, "Th7": {"mean": 59.9},
      "Th6": {"mean": 63.2}, "Th5": {"mean": 66.0}, "Th4": {"mean": 68.5}, "Th3": {"mean": 71.0},
      "Th2": {"mean": 73.4}, "Th1": {"mean": 75.8}, "C7": {"mean": 77.9}, "C6": {"mean": 79.5},
      "C5": {"mean": 81.8}, "C4": {"mean": 83.8}, "C3": {"mean": 85.6}, "C2": {"mean": 87.2},
      "C1": {"mean": 89.2}, "eyes_end": {"mean": 100.0}, "head_end": {"mean": 107.8}}},
  "slope_mean": 0.08,
  "lower_quantile_tangential_slope": -0.04,
  "upper_quantile_tangential_slope": 0.25})";

BodyPartReference reference() {
  const TemporaryFolder folder;
  folder.write(kBodyPartSettings, kSettings);
  return read_body_part_reference(folder / kBodyPartSettings);
}

/// Raw scores of slices `slice_mm` apart from one score (0 … 100) to another.
BodyPartOpinion scan(double from, double to, double slice_mm, int step = 1,
                     double slope_mean = 0.08) {
  std::vector<double> raw;
  const double rise = (to > from ? 0.08 : -0.08) * slice_mm * step;
  for (double score = from; rise > 0 ? score <= to : score >= to; score += rise)
    raw.push_back(score / 10);
  BodyPartReference constants = reference();
  constants.slope_mean = slope_mean;
  return body_part_opinion("regression", raw, slice_mm, step, constants);
}

std::vector<Code> codes(const std::vector<Notice>& notices) {
  std::vector<Code> out;
  for (const Notice& notice : notices) out.push_back(notice.code);
  return out;
}

GateResult chest() {
  GateResult gate;
  gate.chest = true;
  return gate;
}

GateResult refused() {
  GateResult gate;
  gate.refusal = Notice{"not_a_chest_ct"_code, {{"ml", "0"}, {"percent", "0"}}};
  return gate;
}

TEST(BodyPartReference, IsReadFromThePublishedFile) {
  const BodyPartReference constants = reference();
  EXPECT_EQ(constants.raw_at_0, 0);
  EXPECT_EQ(constants.raw_at_100, 10);
  EXPECT_EQ(constants.landmarks.at("Th12"), 45);
  EXPECT_EQ(constants.slope_mean, 0.08);
  EXPECT_EQ(constants.slope_low, -0.04);
  EXPECT_EQ(constants.slope_high, 0.25);
}

TEST(BodyPartReference, RefusesFilesThatLackSomething) {
  const TemporaryFolder folder;
  folder.write("a.json", R"({"slope_mean": 0.08})");
  folder.write("b.json", "no JSON");
  EXPECT_THROW(read_body_part_reference(folder / "a.json"), Error);
  EXPECT_THROW(read_body_part_reference(folder / "b.json"), Error);
  EXPECT_THROW(read_body_part_reference(folder / "absent.json"), Error);
}

TEST(BodyPartGate, AChestThatBothSeeNeedsNoWord) {
  const BodyPartOpinion opinion = scan(43, 77, 2.5);
  EXPECT_EQ(opinion.part, "CHEST");
  EXPECT_TRUE(opinion.sees_chest());
  EXPECT_TRUE(compare(chest(), opinion).empty());
  // A slice is 0.2 scores: 45 is 10 slices above 43, 75.8 lies below slice 164.
  ASSERT_TRUE(opinion.chest);
  EXPECT_NEAR(opinion.chest->first, 10, 2);
  EXPECT_NEAR(opinion.chest->last, 163, 2);
}

TEST(BodyPartGate, EveryFourthSliceSaysTheSame) {
  const BodyPartOpinion opinion = scan(43, 77, 1.25, 4);
  EXPECT_EQ(opinion.part, "CHEST");
  EXPECT_TRUE(compare(chest(), opinion).empty());
  ASSERT_TRUE(opinion.chest);
  EXPECT_NEAR(opinion.chest->first, 20, 5);
  EXPECT_NEAR(opinion.chest->last, 326, 5);
}

TEST(BodyPartGate, AnotherPartInAChestIsAReservation) {
  const BodyPartOpinion opinion = scan(2, 42, 5);
  EXPECT_EQ(opinion.part, "PELVIS");
  const auto notices = compare(chest(), opinion);
  ASSERT_EQ(codes(notices), std::vector{"network_sees_other_part"_code});
  EXPECT_EQ(notices[0].args.at("part"), "PELVIS");
  EXPECT_EQ(notices[0].severity(), Severity::warning);
  EXPECT_TRUE(compare(refused(), opinion).empty()) << "both see no chest";
}

TEST(BodyPartGate, AChestInWhatTheGateRefusedIsSaid) {
  EXPECT_EQ(codes(compare(refused(), scan(20, 80, 5))), std::vector{"network_sees_chest"_code});
}

TEST(BodyPartGate, NothingRecognisedInAChestIsSaid) {
  // Far above the head, where no landmark is.
  const BodyPartOpinion opinion = scan(120, 160, 5);
  EXPECT_EQ(opinion.part, "NONE");
  EXPECT_EQ(codes(compare(chest(), opinion)), std::vector{"network_sees_no_part"_code});
  EXPECT_TRUE(compare(refused(), opinion).empty());
}

TEST(BodyPartGate, ASpacingThatDoesNotFitTheBodyIsSaidInMillimetres) {
  // Scores rise at half the usual pace: the slices lie closer than the file says.
  const auto notices = compare(chest(), scan(43, 77, 2.5, 2, 0.16));
  ASSERT_EQ(codes(notices), std::vector{"network_doubts_spacing"_code});
  EXPECT_EQ(notices[0].args.at("expected"), "1.25");
  EXPECT_EQ(notices[0].args.at("value"), "2.50");
}

TEST(BodyPartGate, SlicesFromTheHeadAreSaid) {
  EXPECT_EQ(codes(compare(chest(), scan(77, 43, 2.5))), std::vector{"network_sees_reversed"_code});
}

}  // namespace
}  // namespace thorax::quality
