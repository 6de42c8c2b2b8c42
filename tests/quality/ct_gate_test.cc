#include <gtest/gtest.h>

#include <algorithm>

#include "ct_cases.h"
#include "quality/gate.h"

namespace thorax::quality {
namespace {

using intake::LoadedVolume;

bool gave(const GateResult& result, Code code) {
  return std::any_of(result.reasons.begin(), result.reasons.end(),
                     [&](const Notice& n) { return n.code == code; });
}

Code refusal(const GateResult& result) {
  EXPECT_FALSE(result.chest);
  EXPECT_TRUE(result.refusal.has_value());
  return result.refusal ? result.refusal->code : "internal"_code;
}

TEST(CtGate, AWholeChestPassesAndItsLungsAreFound) {
  const intake::Phantom& phantom = tall_phantom();
  const GateResult result = check_chest_ct(ct_header("CHEST"), phantom_chest());
  ASSERT_TRUE(result.chest) << result.refusal->what(Language::en);
  EXPECT_TRUE(result.reasons.empty());
  EXPECT_EQ(result.lungs.coverage, 1);
  const double left = phantom.truth["lungs"]["left_ml"], right = phantom.truth["lungs"]["right_ml"];
  EXPECT_NEAR(result.lungs.left_ml, left, 0.15 * left);
  EXPECT_NEAR(result.lungs.right_ml, right, 0.15 * right);
  EXPECT_NO_THROW(result.require());
}

TEST(CtGate, ThoraxWithAbdomenOrNeckIsAChestWhateverTheHeaderSays) {
  for (const char* part : {"ABDOMEN", "", "CHEST_TO_PELVIS", "NECK"}) {
    const GateResult result = check_chest_ct(ct_header(part), phantom_slab(-420, 260));
    EXPECT_TRUE(result.chest) << part;
    EXPECT_EQ(gave(result, "header_names_other_region"_code),
              std::string(part) == "ABDOMEN" || std::string(part) == "NECK");
  }
}

TEST(CtGate, LungsThatAreCutAreUsableOrRefusedByCoverage) {
  GateResult result = check_chest_ct(ct_header(), phantom_slab(-160, 120));
  EXPECT_TRUE(result.chest);
  EXPECT_TRUE(gave(result, "lungs_cut_at_top"_code));
  EXPECT_FALSE(gave(result, "lungs_cut_at_bottom"_code));

  result = check_chest_ct(ct_header(), phantom_slab(-50, 182));
  EXPECT_TRUE(gave(result, "lungs_cut_at_bottom"_code));

  // An abdomen that begins at the lung bases.
  EXPECT_EQ(refusal(check_chest_ct(ct_header("ABDOMEN"), phantom_slab(-400, -40))),
            "lungs_partly_covered"_code);
}

TEST(CtGate, AnAbdomenAndAHeadAreNoChestWhateverTheHeaderSays) {
  for (const char* part : {"ABDOMEN", "CHEST", ""}) {
    EXPECT_EQ(refusal(check_chest_ct(ct_header(part), phantom_slab(-420, -180))),
              "not_a_chest_ct"_code);
    EXPECT_EQ(refusal(check_chest_ct(ct_header(part), head_ct())), "not_a_chest_ct"_code);
  }
}

TEST(CtGate, GasInTheBowelIsNoLung) {
  volume::Grid grid{{60, 100, 100}, {4, 4, 4}, {-200, -200, 0}};
  volume::CtVolume hu(grid, -1000);
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const volume::Vec3 p = grid.position(grid.at(i));
    if (!inside({p.x, p.y, 0}, {0, 0, 0}, {170, 120, 1})) continue;
    hu[i] = 40;
    for (const double x : {-90.0, 0.0, 90.0})
      if (inside(p, {x, -30, 120}, {38, 45, 100})) hu[i] = -995;
  }
  EXPECT_EQ(refusal(check_chest_ct(ct_header("ABDOMEN"), loaded(std::move(hu)))),
            "not_a_chest_ct"_code);
}

TEST(CtGate, OtherThingsGivenAsACtVolume) {
  intake::SeriesHeader mr = ct_header(), dx = ct_header();
  mr.modality = "MR";
  dx.modality = "DX";
  const LoadedVolume chest = phantom_chest();
  EXPECT_EQ(refusal(check_chest_ct(mr, chest)), "wrong_modality"_code);
  EXPECT_EQ(refusal(check_chest_ct(dx, chest)), "radiograph_given_as_ct"_code);

  const volume::Shape s = chest.hu.shape();
  const int z = s.z / 2;
  EXPECT_EQ(refusal(check_chest_ct(ct_header(),
                                   loaded(volume::crop(chest.hu, {z, 0, 0}, {z + 1, s.y, s.x})))),
            "too_few_slices"_code);

  // MR values, and a CT whose rescale intercept was lost: no Hounsfield units.
  for (const int offset : {1024, 3000}) {
    volume::CtVolume shifted = chest.hu.clone();
    for (std::int16_t& v : shifted.voxels()) v = static_cast<std::int16_t>(v + offset);
    EXPECT_EQ(refusal(check_chest_ct(ct_header(), loaded(std::move(shifted)))),
              "not_hounsfield"_code);
  }
  EXPECT_THROW(check_chest_ct(mr, chest).require(), Error);
}

TEST(CtGate, AnAirlessSideIsSaid) {
  intake::LoadedVolume ct = phantom_chest();
  for (std::size_t i = 0; i < ct.hu.size(); ++i)
    if (ct.hu.grid().position(ct.hu.grid().at(i)).x > 8 && ct.hu[i] < -300 && ct.hu[i] > -950)
      ct.hu[i] = 20;
  const GateResult result = check_chest_ct(ct_header(), ct);
  EXPECT_TRUE(result.chest);
  EXPECT_TRUE(gave(result, "left_lung_airless"_code));
}

TEST(CtGate, LungsAreFoundInAFieldOfViewThatCutsThem) {
  const LoadedVolume whole = phantom_chest();
  const volume::Shape s = whole.hu.shape();
  LoadedVolume narrow =
      loaded(volume::crop(whole.hu, {0, s.y / 4, s.x / 4}, {s.z, 3 * s.y / 4, 3 * s.x / 4}));
  GateResult result = check_chest_ct(ct_header(), narrow);
  ASSERT_TRUE(result.chest) << result.refusal->what(Language::en);
  EXPECT_GT(result.lungs.lung_cut_cm2, 50);
  EXPECT_GT(result.lungs.body_cut_percent, 50);

  // The same cut as a circle of padding inside the full matrix.
  LoadedVolume round = loaded(whole.hu.clone());
  round.outside = volume::Mask(round.hu.grid());
  for (std::size_t i = 0; i < round.hu.size(); ++i) {
    const volume::Vec3 p = round.hu.grid().position(round.hu.grid().at(i));
    if (std::hypot(p.x, p.y) < 110) continue;
    round.outside[i] = 1;
    round.hu[i] = -1024;
  }
  result = check_chest_ct(ct_header(), round);
  ASSERT_TRUE(result.chest) << result.refusal->what(Language::en);
  EXPECT_GT(result.lungs.lung_cut_cm2, 50);
}

}  // namespace
}  // namespace thorax::quality
