// The gates on real studies of the shared data; skipped where that folder is absent.
#include <gtest/gtest.h>

#include "intake/series_model.h"
#include "intake/shared_data.h"
#include "intake/source.h"
#include "quality/trust.h"

namespace thorax::quality {
namespace {

using intake::shared_data;

struct Judged {
  GateResult gate;
  TrustVerdict verdict;
  intake::GeometryReport geometry;
  QualityReport quality;
};

Judged judge(const std::filesystem::path& path) {
  intake::Source source = intake::Source::open(path, {});
  const intake::Series* series = source.studies().at(0).chosen();
  if (!series) throw Error(*intake::study_refusal(source.studies().at(0)));
  const intake::LoadedVolume ct = source.load_volume(*series);
  Judged judged;
  judged.geometry = ct.geometry;
  judged.gate = check_chest_ct(series->header, ct);
  if (judged.gate.chest) judged.quality = measure_quality(*series, ct, judged.gate.lungs);
  judged.verdict = judge_ct(judged.gate, ct.geometry, judged.quality);
  return judged;
}

TEST(RealData, ChestsPass) {
  THORAX_NEEDS_SHARED("ct");
  for (const char* name : {"LIDC-IDRI-0001", "Lung_Dx-A0001"}) {
    const Judged judged = judge(shared_data() / "ct" / (std::string(name) + ".zip"));
    EXPECT_TRUE(judged.gate.chest) << name;
    EXPECT_EQ(judged.gate.lungs.coverage, 1) << name;
    EXPECT_NE(judged.verdict.trust, Trust::unfit) << name;
    EXPECT_EQ(judged.geometry.missing_percent, 0) << name;
    EXPECT_GT(judged.quality.values.value("quality.noise.soft_tissue").value_or(0), 3) << name;
  }
}

TEST(RealData, HeadAndAbdomenAreRefused) {
  THORAX_NEEDS_SHARED("negatives");
  const Judged head = judge(shared_data() / "negatives" / "head_ct.zip");
  ASSERT_TRUE(head.gate.refusal.has_value());
  EXPECT_EQ(head.gate.refusal->code, "not_a_chest_ct"_code);
  EXPECT_GT(head.geometry.missing_percent, 60);  // 40 of about 149 slices
  const Judged abdomen = judge(shared_data() / "negatives" / "abdomen_ct_j2k.zip");
  ASSERT_TRUE(abdomen.gate.refusal.has_value());
  EXPECT_EQ(abdomen.gate.refusal->code, "not_a_chest_ct"_code);
}

TEST(RealData, FullSizeRadiographsPass) {
  THORAX_NEEDS_SHARED("xray");
  intake::Source source =
      intake::Source::open(shared_data() / "xray" / "kermany_fullres_20.zip", {});
  int passed = 0;
  for (const intake::Study& study : source.studies()) {
    ASSERT_NE(study.chosen(), nullptr);
    const auto loaded = source.load_image(*study.chosen());
    passed += check_chest_xray(study.chosen()->header, loaded.image).chest;
  }
  EXPECT_EQ(source.studies().size(), 20u);
  EXPECT_EQ(passed, 20);
}

}  // namespace
}  // namespace thorax::quality
