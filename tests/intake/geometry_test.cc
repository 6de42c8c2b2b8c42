#include "intake/geometry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numbers>
#include <random>

#include "geometry_stack.h"
#include "support/code_of.h"

namespace thorax::intake {
namespace {

using volume::Vec3;

using Field = std::function<double(Vec3)>;

/// What a scanner would store of `field` in the frames of the plan.
volume::CtVolume paint(const SlicePlan& plan, const Series& series, const Field& field) {
  volume::Grid grid;
  grid.shape = {static_cast<int>(plan.frames.size()), plan.rows, plan.columns};
  volume::CtVolume voxels(grid);
  for (int k = 0; k < grid.shape.z; ++k) {
    const FrameRef ref = plan.frames[static_cast<std::size_t>(k)];
    const Instance& i = series.instances[ref.instance];
    const auto& stored = i.per_frame.empty()
                             ? i.position
                             : i.per_frame[static_cast<std::size_t>(ref.frame)].position;
    const auto& o = i.per_frame.empty() ? *i.orientation : *i.per_frame[0].orientation;
    const auto& spacing = *i.pixel_spacing;
    for (int r = 0; r < plan.rows; ++r)
      for (int c = 0; c < plan.columns; ++c) {
        const Vec3 p = Vec3{(*stored)[0], (*stored)[1], (*stored)[2]} +
                       Vec3{o[0], o[1], o[2]} * (c * spacing[1]) +
                       Vec3{o[3], o[4], o[5]} * (r * spacing[0]);
        voxels(k, r, c) = static_cast<std::int16_t>(std::lround(field(p)));
      }
  }
  return voxels;
}

LoadedVolume load(const Series& series, const Field& field) {
  const SlicePlan plan = plan_geometry(series);
  return assemble(plan, series, paint(plan, series, field), {});
}

/// Largest difference between voxels and field over the voxels that a slice covers, and how many
/// those are.
std::pair<double, std::size_t> compare(const LoadedVolume& loaded, const Field& field) {
  double worst = 0;
  std::size_t covered = 0;
  for (std::size_t i = 0; i < loaded.hu.size(); ++i) {
    if (!loaded.outside.empty() && loaded.outside[i]) continue;
    ++covered;
    const Vec3 p = loaded.hu.grid().position(loaded.hu.grid().at(i));
    worst = std::max(worst, std::abs(loaded.hu[i] - field(p)));
  }
  return {worst, covered};
}

/// Trilinear interpolation reproduces it exactly.
double linear(Vec3 p) {
  return 3 * p.x - 2 * p.y + 4 * p.z + 50;
}

double wavy(Vec3 p) {
  return 400 * std::sin(p.x / 3) + 300 * std::cos(p.y / 5) + 200 * std::sin(p.z / 2 + p.x / 7);
}

bool said(const std::vector<Notice>& notices, Code code) {
  return std::any_of(notices.begin(), notices.end(),
                     [&](const Notice& n) { return n.code == code; });
}

std::optional<Code> refusal(const Series& series) {
  return testing_support::code_of([&] { plan_geometry(series); });
}

Vec3 unit(int axis, double sign) {
  return {axis == 0 ? sign : 0, axis == 1 ? sign : 0, axis == 2 ? sign : 0};
}

TEST(Geometry, EveryAxisParallelAcquisitionComesBackExactly) {
  std::mt19937 random(1);
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b)
      for (int signs = 0; signs < 4 && a != b; ++signs) {
        Stack stack;
        stack.row = unit(a, signs & 1 ? -1 : 1);
        stack.column = unit(b, signs & 2 ? -1 : 1);
        for (const double p : even(7, 2.5)) stack.shifts.push_back(unit(3 - a - b, p));
        std::shuffle(stack.shifts.begin(), stack.shifts.end(), random);
        const LoadedVolume loaded = load(series_of(stack), wavy);
        const auto [worst, covered] = compare(loaded, wavy);
        EXPECT_LE(worst, 0.5 + 1e-6);
        EXPECT_EQ(covered, 7u * 9u * 11u);
        EXPECT_FALSE(loaded.geometry.interpolated);
        EXPECT_EQ(loaded.geometry.slices, 7);
        EXPECT_NEAR(loaded.geometry.spacing_mm, 2.5, 1e-9);
        EXPECT_EQ(loaded.geometry.plane, 3 - a - b == 2   ? "axial"
                                         : 3 - a - b == 1 ? "coronal"
                                                          : "sagittal");
        EXPECT_EQ(said(loaded.notices, "plane_permuted"_code), loaded.geometry.plane != "axial");
      }
}

TEST(Geometry, RandomRotationsOrdersAndSpacingsRoundTrip) {
  std::mt19937 random(2);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> spacing(0.5, 3);
  for (int trial = 0; trial < 40; ++trial) {
    Stack stack;
    stack.rows = 24;
    stack.columns = 20;
    const Vec3 a{normal(random), normal(random), normal(random)};
    Vec3 b{normal(random), normal(random), normal(random)};
    stack.row = a * (1 / norm(a));
    b = b - stack.row * dot(b, stack.row);
    stack.column = b * (1 / norm(b));
    stack.row_spacing = spacing(random);
    stack.column_spacing = spacing(random);
    const double gap = spacing(random), sign = trial % 2 ? -1 : 1;
    for (const double p : even(18, gap))
      stack.shifts.push_back(cross(stack.row, stack.column) * (sign * p));
    std::shuffle(stack.shifts.begin(), stack.shifts.end(), random);
    const LoadedVolume loaded = load(series_of(stack), linear);
    const auto [worst, covered] = compare(loaded, linear);
    EXPECT_LE(worst, 1.01) << trial;
    EXPECT_GT(covered, 24u * 20u * 18u / 2) << trial;
    EXPECT_GT(loaded.geometry.obliquity_degrees, 0);
    EXPECT_TRUE(loaded.geometry.interpolated);
    EXPECT_TRUE(said(loaded.notices, "oblique_resampled"_code));
  }
}

TEST(Geometry, AGantryTiltIsShearedBackAndSaid) {
  for (const double degrees : {-25.0, 8.0, 22.5}) {
    const double tilt = degrees * std::numbers::pi / 180;
    Stack stack = along({0, 0, 1}, even(20, 3));
    stack.rows = 30;
    stack.column = {0, std::cos(tilt), std::sin(tilt)};
    const LoadedVolume loaded = load(series_of(stack), linear);
    EXPECT_NEAR(loaded.geometry.tilt_degrees, std::abs(degrees), 1e-6);
    EXPECT_EQ(loaded.geometry.obliquity_degrees, 0);
    EXPECT_TRUE(said(loaded.notices, "tilt_corrected"_code));
    EXPECT_FALSE(said(loaded.notices, "oblique_resampled"_code));
    EXPECT_NEAR(loaded.hu.grid().spacing.z, 3, 1e-9);
    EXPECT_NEAR(loaded.hu.grid().spacing.y, 1.1 * std::cos(tilt), 1e-9);
    const auto [worst, covered] = compare(loaded, linear);
    EXPECT_LE(worst, 1.01);
    EXPECT_GT(covered, 20u * 30u * 11u * 8 / 10);
  }
}

TEST(Geometry, ATableThatSinksIsShearedToo) {
  // Slices upright, their positions drifting to the back: the other way to store a tilt.
  const LoadedVolume loaded = load(series_of(along({0, 0.2, 1}, even(20, 2))), linear);
  EXPECT_NEAR(loaded.geometry.tilt_degrees, std::atan(0.2) * 180 / std::numbers::pi, 1e-6);
  EXPECT_LE(compare(loaded, linear).first, 1.01);
}

TEST(Geometry, MissingSlicesAreCountedByPositionWhateverTheNumbering) {
  std::ifstream file(std::string(THORAX_SOURCE_DIR) + "/tests/golden/missing_series_slices.json");
  const auto golden = nlohmann::json::parse(file);
  for (const auto& test : golden["cases"]) {
    const auto numbers = test["instance_numbers"].get<std::vector<int>>();
    Stack stack = along({0, 0, 1}, std::vector<double>(numbers.begin(), numbers.end()));
    Series series = series_of(stack);
    for (const bool backwards : {false, true}) {
      for (std::size_t i = 0; i < numbers.size(); ++i)
        series.instances[i].instance_number = backwards ? 1000 - numbers[i] : numbers[i];
      const GeometryReport report = plan_geometry(series).report;
      EXPECT_NEAR(report.missing_percent, test["missing_percent"].get<double>(), 1e-3)
          << test["instance_numbers"];
      EXPECT_EQ(report.duplicates, test["duplicates"].get<int>()) << test["instance_numbers"];
    }
    for (Instance& i : series.instances) i.instance_number.reset();
    EXPECT_NO_THROW(plan_geometry(series));  // no number at all is no failure
  }
}

TEST(Geometry, MissingSlicesAreFilledAndPlaced) {
  std::vector<double> positions = even(20, 2);
  positions.erase(positions.begin() + 12, positions.begin() + 14);
  positions.erase(positions.begin() + 5);
  const Series series = series_of(along({0, 0, 1}, positions));
  const LoadedVolume loaded = load(series, linear);
  EXPECT_EQ(loaded.hu.shape().z, 20);
  EXPECT_LE(compare(loaded, linear).first, 1.01);
  EXPECT_EQ(loaded.geometry.expected_slices, 20);
  EXPECT_NEAR(loaded.geometry.missing_percent, 15, 1e-9);
  ASSERT_EQ(loaded.geometry.missing_positions.size(), 3u);
  const auto notice = std::find_if(loaded.notices.begin(), loaded.notices.end(),
                                   [](const Notice& n) { return n.code == "slices_missing"_code; });
  ASSERT_NE(notice, loaded.notices.end());
  EXPECT_EQ(notice->args.at("where"), "−90, −76…−74");
  ASSERT_EQ(loaded.slice_sop_uids.size(), 20u);
  EXPECT_EQ(loaded.slice_sop_uids[4], "1.4");
  EXPECT_EQ(loaded.slice_sop_uids[5], "");
  EXPECT_EQ(loaded.slice_sop_uids[6], "1.5");
}

TEST(Geometry, AHeavilyThinnedSeriesIsSeenThrough) {
  // 40 of 149 slices of 1.25 mm: the median gap is no slice spacing.
  std::mt19937 random(3);
  std::vector<int> kept(149);
  for (int i = 0; i < 149; ++i) kept[static_cast<std::size_t>(i)] = i;
  std::shuffle(kept.begin() + 1, kept.end() - 1, random);
  std::vector<double> positions;
  for (std::size_t i = 0; i < 39; ++i) positions.push_back(kept[i] * 1.25);
  positions.push_back(148 * 1.25);
  const GeometryReport report = plan_geometry(series_of(along({0, 0, 1}, positions))).report;
  EXPECT_EQ(report.expected_slices, 149);
  EXPECT_NEAR(report.missing_percent, 100 * 109 / 149.0, 1e-9);
}

TEST(Geometry, IrregularSpacingIsEvenedAndSaid) {
  std::vector<double> positions = even(20, 2);
  for (std::size_t i = 0; i < positions.size(); i += 3) positions[i] += 0.5;
  const LoadedVolume loaded = load(series_of(along({0, 0, 1}, positions)), linear);
  EXPECT_TRUE(said(loaded.notices, "slices_irregular"_code));
  EXPECT_TRUE(loaded.geometry.interpolated);
  EXPECT_LE(compare(loaded, linear).first, 1.01);
}

TEST(Geometry, OfTwoSlicesAtOnePlaceTheLowerInstanceNumberStays) {
  Stack stack = along({0, 0, 1}, even(12, 2));
  stack.shifts.push_back({0, 0, 8});
  Series series = series_of(stack);
  series.instances[4].instance_number = 100;
  series.instances[12].instance_number = 5;
  const SlicePlan plan = plan_geometry(series);
  EXPECT_EQ(plan.report.duplicates, 1);
  EXPECT_TRUE(said(plan.notices, "slices_duplicate"_code));
  EXPECT_EQ(plan.frames[4].instance, 12u);
}

TEST(Geometry, AFewStrangersAreTakenOut) {
  Stack stack = along({0, 0, 1}, even(40, 2));
  stack.shifts.push_back({0, 0, 900});  // far away
  stack.shifts.push_back({60, 0, 21});  // beside the stack
  Series series = series_of(stack);
  Instance scout = series.instances[0];
  scout.orientation = {1, 0, 0, 0, 0, -1};
  series.instances.push_back(scout);
  Instance nowhere = series.instances[0];
  nowhere.position.reset();
  series.instances.push_back(nowhere);
  const SlicePlan plan = plan_geometry(series);
  EXPECT_EQ(plan.report.slices, 40);
  EXPECT_EQ(plan.report.missing_percent, 0);
  EXPECT_TRUE(said(plan.notices, "slices_stray"_code));
  EXPECT_TRUE(said(plan.notices, "slices_other_orientation"_code));
  EXPECT_TRUE(said(plan.notices, "slices_without_position"_code));
}

TEST(Geometry, UnsafeStacksAreRefusedWithACode) {
  const Series good = series_of(along({0, 0, 1}, even(20, 2)));
  const auto broken = [&](const std::function<void(std::size_t, Instance&)>& change) {
    Series series = good;
    for (std::size_t i = 0; i < series.instances.size(); ++i) change(i, series.instances[i]);
    return refusal(series);
  };
  EXPECT_EQ(refusal(Series{}), "geometry_no_position"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { i.position.reset(); }),
            "geometry_no_position"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { (*i.position)[2] = NAN; }),
            "geometry_no_position"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { i.orientation.reset(); }),
            "geometry_no_orientation"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { i.orientation = {1, 0, 0, 1, 0, 0}; }),
            "geometry_no_orientation"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { i.orientation = {0, 0, 0, 0, 0, 0}; }),
            "geometry_no_orientation"_code);
  EXPECT_EQ(broken([](std::size_t n, Instance& i) {
              if (n % 2) i.orientation = {0, 1, 0, 0, 0, -1};
            }),
            "geometry_mixed_orientation"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { i.pixel_spacing.reset(); }),
            "geometry_no_pixel_spacing"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) {
              i.pixel_spacing = {0.0, 0.7};
            }),
            "geometry_no_pixel_spacing"_code);
  EXPECT_EQ(broken([](std::size_t n, Instance& i) { i.rows = n == 3 ? 64 : 32; }),
            "geometry_mixed_matrix"_code);
  EXPECT_EQ(broken([](std::size_t n, Instance& i) { (*i.position)[0] = n % 2 ? 0 : 50; }),
            "geometry_inconsistent_positions"_code);
  EXPECT_EQ(
      broken([](std::size_t n, Instance& i) { (*i.position)[1] = 3.0 * static_cast<double>(n); }),
      "geometry_tilt_too_large"_code);
  EXPECT_EQ(broken([](std::size_t, Instance& i) { (*i.position)[2] = 7; }),
            "geometry_overlapping_stacks"_code);
  EXPECT_EQ(broken([](std::size_t n, Instance& i) {
              if (n >= 10) (*i.position)[2] += 150;
            }),
            "geometry_gap"_code);
  EXPECT_EQ(broken([](std::size_t n, Instance& i) {
              (*i.position)[2] = std::pow(1.2, static_cast<double>(n));
            }),
            "geometry_irregular_spacing"_code);
  EXPECT_EQ(broken([](std::size_t n, Instance& i) {
              (*i.position)[2] =
                  n < 11 ? static_cast<double>(n) : 10 + 20.0 * static_cast<double>(n - 10);
            }),
            "geometry_mostly_missing"_code);
  Series lone = good;
  lone.instances.resize(1);
  lone.instances[0].slice_thickness.reset();
  EXPECT_EQ(refusal(lone), "geometry_no_slice_spacing"_code);
}

TEST(Geometry, ALoneSliceTakesItsThicknessAsSpacing) {
  Series series = series_of(along({0, 0, 1}, {0}));
  series.instances[0].slice_thickness = 5;
  const LoadedVolume loaded = load(series, wavy);
  EXPECT_EQ(loaded.hu.shape().z, 1);
  EXPECT_EQ(loaded.hu.grid().spacing.z, 5);
  EXPECT_LE(compare(loaded, wavy).first, 0.5 + 1e-6);
}

TEST(Geometry, MultiFrameInstancesHaveTheirPlacePerFrame) {
  const Stack stack = along({0, 0, -1}, even(15, 2));
  const Series single = series_of(stack);
  Series multi = single;
  multi.instances.resize(1);
  Instance& all = multi.instances[0];
  all.frames = 15;
  for (const Instance& one : single.instances)
    all.per_frame.push_back({one.position, one.orientation, {}, {}});
  all.position.reset();
  all.orientation.reset();
  const LoadedVolume loaded = load(multi, wavy);
  EXPECT_LE(compare(loaded, wavy).first, 0.5 + 1e-6);
  EXPECT_EQ(loaded.geometry.slices, 15);
}

TEST(Geometry, AFrameSetWithOnePositionNeedsSpacingBetweenSlices) {
  Series series = series_of(along({0, 0, 1}, {0}));
  series.instances[0].frames = 12;
  EXPECT_EQ(refusal(series), "geometry_no_position"_code);
  series.instances[0].spacing_between_slices = 1.5;
  const SlicePlan plan = plan_geometry(series);
  EXPECT_EQ(plan.frames.size(), 12u);
  EXPECT_NEAR(plan.report.spacing_mm, 1.5, 1e-9);
}

TEST(Geometry, TheOutsideMaskMovesWithTheVoxels) {
  Stack stack = along({0, 0, -1}, even(6, 2));
  const Series series = series_of(stack);
  const SlicePlan plan = plan_geometry(series);
  volume::CtVolume voxels = paint(plan, series, wavy);
  volume::Mask outside(voxels.grid());
  for (std::size_t i = 0; i < voxels.size(); ++i) outside[i] = voxels[i] > 0;
  const LoadedVolume loaded = assemble(plan, series, std::move(voxels), std::move(outside));
  ASSERT_EQ(loaded.outside.size(), loaded.hu.size());
  for (std::size_t i = 0; i < loaded.hu.size(); ++i)
    EXPECT_EQ(loaded.outside[i], loaded.hu[i] > 0 ? 1 : 0);
  EXPECT_THROW(assemble(plan, series, volume::CtVolume(volume::Grid{}), {}), Error);
}

}  // namespace
}  // namespace thorax::intake
