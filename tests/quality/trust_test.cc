#include "quality/trust.h"

#include <gtest/gtest.h>

#include <optional>

namespace thorax::quality {
namespace {

GateResult passed() {
  GateResult gate;
  gate.chest = true;
  return gate;
}

intake::GeometryReport plain_geometry() {
  intake::GeometryReport geometry;
  geometry.slices = geometry.expected_slices = 150;
  geometry.spacing_mm = 2;
  return geometry;
}

QualityReport with(const char* id, double value) {
  Measurement m;
  m.id = id;
  m.value = value;
  QualityReport quality;
  quality.values.add(m);
  return quality;
}

struct Case {
  const char* id;
  double usable, unfit;  ///< values that just pass the limits; unfit 0: there is no such limit
  Code usable_code;
  std::optional<Code> unfit_code;
};

TEST(Trust, IsGoodWhenNothingSpeaksAgainstIt) {
  const TrustVerdict verdict = judge_ct(passed(), plain_geometry(), {});
  EXPECT_EQ(verdict.trust, Trust::good);
  EXPECT_TRUE(verdict.reasons.empty());
}

TEST(Trust, EveryLimitOfTheQualityIsHit) {
  const Limits limits;
  for (const Case& c :
       {Case{"quality.noise.soft_tissue", limits.usable_noise_hu, limits.unfit_noise_hu,
             "trust_noise"_code, "unfit_noise"_code},
        Case{"quality.fov.body_cut", limits.usable_body_cut_percent, 0, "trust_body_cut"_code, {}},
        Case{"quality.fov.lung_cut", limits.usable_lung_cut_cm2, 0, "trust_lung_cut"_code, {}},
        Case{"quality.metal", limits.usable_metal_ml, 0, "trust_metal"_code, {}}}) {
    EXPECT_EQ(judge_ct(passed(), plain_geometry(), with(c.id, c.usable)).trust, Trust::good);
    const TrustVerdict usable = judge_ct(passed(), plain_geometry(), with(c.id, c.usable * 1.01));
    EXPECT_EQ(usable.trust, Trust::usable) << c.id;
    ASSERT_EQ(usable.reasons.size(), 1u);
    EXPECT_EQ(usable.reasons[0].code, c.usable_code);
    if (c.unfit <= 0) continue;
    const TrustVerdict unfit = judge_ct(passed(), plain_geometry(), with(c.id, c.unfit * 1.01));
    EXPECT_EQ(unfit.trust, Trust::unfit) << c.id;
    EXPECT_EQ(unfit.reasons[0].code, c.unfit_code);
  }
}

TEST(Trust, EveryLimitOfTheGeometryIsHit) {
  const Limits limits;
  const auto judged = [](double intake::GeometryReport::*field, double value) {
    intake::GeometryReport geometry = plain_geometry();
    geometry.*field = value;
    const TrustVerdict verdict = judge_ct(passed(), geometry, {});
    return std::pair(verdict.trust,
                     verdict.reasons.empty() ? "internal"_code : verdict.reasons[0].code);
  };
  using G = intake::GeometryReport;
  EXPECT_EQ(judged(&G::missing_percent, limits.usable_missing_percent).first, Trust::good);
  EXPECT_EQ(judged(&G::missing_percent, 10), std::pair(Trust::usable, "trust_missing"_code));
  EXPECT_EQ(judged(&G::missing_percent, 73), std::pair(Trust::unfit, "unfit_missing"_code));
  EXPECT_EQ(judged(&G::spacing_mm, limits.usable_spacing_mm).first, Trust::good);
  EXPECT_EQ(judged(&G::spacing_mm, 10), std::pair(Trust::usable, "trust_spacing"_code));
  EXPECT_EQ(judged(&G::spacing_mm, 15), std::pair(Trust::unfit, "unfit_spacing"_code));
  EXPECT_EQ(judged(&G::tilt_degrees, 20), std::pair(Trust::usable, "trust_tilt"_code));
  EXPECT_EQ(judged(&G::obliquity_degrees, 20), std::pair(Trust::usable, "trust_tilt"_code));
}

TEST(Trust, FollowsTheGate) {
  GateResult gate = passed();
  gate.reasons.push_back({"lungs_cut_at_top"_code, {{"percent", "80"}}});
  TrustVerdict verdict = judge_ct(gate, plain_geometry(), {});
  EXPECT_EQ(verdict.trust, Trust::usable);
  EXPECT_EQ(verdict.reasons[0].code, "lungs_cut_at_top"_code);
  EXPECT_EQ(judge_xray(gate).trust, Trust::usable);
  EXPECT_EQ(judge_xray(passed()).trust, Trust::good);

  gate = {};
  gate.refusal = Notice{"not_a_chest_ct"_code, {{"ml", "3"}, {"percent", "1"}}};
  verdict = judge_ct(gate, plain_geometry(), {});
  EXPECT_EQ(verdict.trust, Trust::unfit);
  EXPECT_EQ(verdict.reasons[0].code, "not_a_chest_ct"_code);
  EXPECT_EQ(judge_xray(gate).trust, Trust::unfit);
}

}  // namespace
}  // namespace thorax::quality
