#include "quality/body_part_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace thorax::quality {
namespace {

nlohmann::json golden() {
  std::ifstream file(std::filesystem::path(THORAX_SOURCE_DIR) /
                     "tests/golden/bpr/scores/golden.json");
  return nlohmann::json::parse(file);
}

BodyPartReference reference() {
  const nlohmann::json facts = golden();
  const auto constant = [&](const char* name) {
    return facts.at("constants").at(name).get<double>();
  };
  BodyPartReference reference{.landmarks = {},
                              .raw_at_0 = constant("transform_min"),
                              .raw_at_100 = constant("transform_max"),
                              .slope_mean = constant("slope_mean")};
  for (const auto& [name, values] : facts.at("lookup_table").items()) {
    reference.landmarks[name] = values.at(0).get<double>();
  }
  return reference;
}

void expect_near(const std::vector<double>& values, const nlohmann::json& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (expected[i].is_null()) {
      EXPECT_TRUE(std::isnan(values[i])) << i;
    } else {
      EXPECT_NEAR(values[i], expected[i].get<double>(), 1e-9) << i;
    }
  }
}

TEST(BodyPartScores, FollowTheReference) {
  const BodyPartReference constants = reference();
  const nlohmann::json facts = golden();
  ASSERT_EQ(facts.at("cases").size(), 7u);
  for (const auto& scan : facts.at("cases")) {
    SCOPED_TRACE(scan.at("name").get<std::string>());
    const auto raw = scan.at("raw").get<std::vector<double>>();
    const auto scores = body_part_scores(raw, scan.at("zspacing").get<double>(), constants);
    expect_near(scores.unprocessed, scan.at("unprocessed_transformed"));
    expect_near(scores.cleaned, scan.at("cleaned"));
    EXPECT_NEAR(scores.slope, scan.at("a").get<double>(), 1e-9);
    EXPECT_NEAR(scores.offset, scan.at("b").get<double>(), 1e-8);
    EXPECT_NEAR(scores.relative_slope, scan.at("r_slope").get<double>(), 1e-9);
    EXPECT_EQ(scores.spacing_fits, scan.at("valid_zspacing").get<double>() == 1);
    EXPECT_EQ(scores.head_first, scan.at("reverse").get<double>() == 1);
    EXPECT_NEAR(scores.expected_slice_mm, scan.at("expected_zspacing").get<double>(), 1e-8);
    EXPECT_EQ(body_part_examined(scores, constants), scan.at("tag").get<std::string>());
    const auto parts = body_parts_of_slices(scores, constants);
    for (const auto& [part, summary] : scan.at("examined").items()) {
      const auto& slices = parts.at(part);
      std::vector<std::size_t> found;
      if (!slices.empty()) found = {slices.front(), slices.back(), slices.size()};
      EXPECT_EQ(found, summary.get<std::vector<std::size_t>>()) << part;
    }
  }
}

std::vector<double> line(double from, double a_slice, int count) {
  std::vector<double> raw;
  for (int i = 0; i < count; ++i) raw.push_back(from + a_slice * i);
  return raw;
}

TEST(BodyPartScores, EmptySlicesAreLeftOut) {
  auto raw = line(0, 0.05, 40);
  raw[7] = 110.834;
  const auto scores = body_part_scores(raw, 3, reference());
  EXPECT_TRUE(std::isnan(scores.cleaned[7]));
  EXPECT_FALSE(std::isnan(scores.cleaned[8]));
}

TEST(BodyPartScores, TailOfAScanThatBeginsAtTheHeadIsCut) {
  // From the eyes down, above them a jump.
  auto raw = line(9, -0.05, 60);
  raw.insert(raw.begin(), {30, 8.9, 31, 9.1});
  const auto scores = body_part_scores(raw, 3, reference());
  EXPECT_TRUE(scores.head_first);
  EXPECT_TRUE(std::isnan(scores.cleaned[0]));
  EXPECT_FALSE(std::isnan(scores.cleaned.back()));
}

TEST(BodyPartScores, OneSliceHasNoSlope) {
  const auto scores = body_part_scores(line(0, 0, 1), 3, reference());
  EXPECT_TRUE(std::isnan(scores.slope));
  EXPECT_FALSE(scores.spacing_fits.has_value());
}

TEST(BodyPartScores, NothingButBackgroundIsNoBodyPart) {
  const std::vector<double> raw(50, 6.14);
  const auto scores = body_part_scores(raw, 3, reference());
  EXPECT_EQ(body_part_examined(scores, reference()), "NONE");
}

TEST(BodyPartScores, RefusesReferencesThatCannotBe) {
  BodyPartReference flat = reference();
  flat.raw_at_100 = flat.raw_at_0;
  EXPECT_THROW(body_part_scores(line(0, 1, 3), 3, flat), Error);
  EXPECT_THROW(body_part_scores(line(0, 1, 3), 0, reference()), Error);
  BodyPartReference bare = reference();
  bare.landmarks.clear();
  const auto scores = body_part_scores(line(0, 0.05, 50), 3, reference());
  EXPECT_THROW(body_part_examined(scores, bare), Error);
}

}  // namespace
}  // namespace thorax::quality
