#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "intake/series_choice.h"
#include "intake/series_split.h"
#include "series_builder.h"

namespace thorax::intake {
namespace {

using Files = std::vector<FileHeader>;

Study only_study(Files files) {
  std::vector<Study> studies = group_studies(together(std::move(files)));
  EXPECT_EQ(studies.size(), 1u);
  return std::move(studies.front());
}

bool gave(const Series& series, Code code) {
  return std::any_of(series.reasons.begin(), series.reasons.end(),
                     [&](const Notice& n) { return n.code == code; });
}

Code first_reason(const Study& study, std::size_t series) {
  EXPECT_FALSE(study.series.at(series).reasons.empty());
  return study.series.at(series).reasons.front().code;
}

nlohmann::json golden(const std::string& name) {
  std::ifstream file(std::string(THORAX_SOURCE_DIR) + "/tests/golden/" + name);
  return nlohmann::json::parse(file);
}

TEST(SeriesChoice, AgreesWithTheGoldenCases) {
  const auto number = [](const nlohmann::json& v) {
    return v.is_string() ? std::stod(v.get<std::string>()) : v.get<double>();
  };
  const auto list = [](const nlohmann::json& v) {
    return v.is_array() ? v.get<std::vector<double>>() : std::vector<double>{v.get<double>()};
  };
  const nlohmann::json cases = golden("series_choice.json")["cases"];
  for (const auto& [name, test] : cases.items()) {
    Files files;
    for (const auto& [uid, header] : test["series"].items())
      for (FileHeader file : ct_stack(uid, 20)) {
        file.instance.slice_thickness.reset();
        if (!header["SliceThickness"].is_null())
          file.instance.slice_thickness = number(header["SliceThickness"]);
        file.instance.window_center = list(header["WindowCenter"]);
        file.instance.window_width = list(header["WindowWidth"]);
        files.push_back(file);
      }
    const Study study = only_study(files);
    ASSERT_NE(study.chosen(), nullptr) << name;
    EXPECT_EQ(study.chosen()->header.series_instance_uid, test["chosen"].get<std::string>())
        << name;
    for (const Series& series : study.series) EXPECT_FALSE(series.reasons.empty()) << name;
  }
}

TEST(SeriesChoice, SetsAsideWhatIsNoOriginalStackWithAReasonEach) {
  Files scout{ct_slice("scout", 1, 0)};
  scout[0].instance.image_type = {"ORIGINAL", "PRIMARY", "LOCALIZER"};
  Files dose{ct_slice("dose", 1, 0)};
  dose[0].series.series_description = "Dose Report";
  Files capture{ct_slice("capture", 1, 0)};
  capture[0].instance.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7";
  Files reformat = ct_stack("reformat", 40), mip = ct_stack("mip", 40), mr = ct_stack("mr", 40);
  for (FileHeader& f : reformat) f.instance.image_type = {"DERIVED", "SECONDARY", "MPR"};
  for (FileHeader& f : mip) f.instance.image_type = {"DERIVED", "SECONDARY", "AXIAL", "MIP"};
  for (FileHeader& f : mr) f.instance.modality = f.series.modality = "MR";
  Files report{ct_slice("report", 1, 0)};
  report[0].instance.has_pixels = false;
  const Study study = only_study(together(scout, dose, capture, reformat, mip, mr, report,
                                          ct_stack("few", 9), ct_stack("good", 40)));
  EXPECT_EQ(study.kind, StudyKind::ct);
  const std::vector<Code> expected = {
      "series_localizer"_code, "series_dose_screen"_code, "series_secondary_capture"_code,
      "series_reformat"_code,  "series_projection"_code,  "series_other_modality"_code,
      "series_no_pixels"_code, "series_too_few"_code,     "series_taken"_code};
  ASSERT_EQ(study.series.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(first_reason(study, i), expected[i]) << i;
    EXPECT_EQ(study.series[i].role,
              i + 1 < expected.size() ? SeriesRole::set_aside : SeriesRole::taken);
  }
}

TEST(SeriesChoice, PrefersChestThenCoverageThenThinSlicesThenSoftKernel) {
  Files head = ct_stack("head", 300), chest = ct_stack("chest", 60, 5);
  for (FileHeader& f : head) f.series.body_part = "HEAD";
  for (FileHeader& f : chest) {
    f.series.series_description = "Органы грудной клетки";
    f.instance.slice_thickness = 5;
  }
  Study study = only_study(together(head, chest));
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "chest");
  EXPECT_EQ(first_reason(study, 0), "series_less_chest"_code);

  study = only_study(together(ct_stack("short", 50), ct_stack("long", 60, 5)));
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "long");
  EXPECT_EQ(first_reason(study, 0), "series_less_coverage"_code);

  // A whole body of 5 mm does not beat a chest of 1 mm that covers enough.
  study = only_study(together(ct_stack("body", 160, 5), ct_stack("thin", 250)));
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "thin");
  EXPECT_EQ(first_reason(study, 0), "series_thicker"_code);

  Files sparse = ct_stack("sparse", 30, 10);  // 1 mm slices, 10 mm apart
  study = only_study(together(sparse, ct_stack("dense", 150, 2)));
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "dense");

  Files lung = ct_stack("lung", 250), soft = ct_stack("soft", 250);
  for (FileHeader& f : lung) f.series.kernel = "LUNG";
  for (FileHeader& f : soft) f.series.kernel = "B30f";
  study = only_study(together(lung, soft));
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "soft");
  EXPECT_EQ(first_reason(study, 0), "series_sharper_kernel"_code);
}

TEST(SeriesChoice, TakesADerivedOrCoronalStackOnlyWhenNothingBetterIsThere) {
  Files derived = ct_stack("derived", 40);
  for (FileHeader& f : derived) f.instance.image_type = {"DERIVED", "PRIMARY", "AXIAL"};
  Study study = only_study(derived);
  ASSERT_NE(study.chosen(), nullptr);
  EXPECT_TRUE(gave(*study.chosen(), "series_derived_taken"_code));

  Files coronal = ct_stack("coronal", 40);
  for (FileHeader& f : coronal) {
    f.instance.orientation = {1, 0, 0, 0, 0, -1};
    f.instance.position = {-200, static_cast<double>(*f.instance.instance_number), 0};
  }
  study = only_study(together(coronal, ct_stack("axial", 40, 5)));
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "axial");
  EXPECT_EQ(first_reason(study, 0), "series_not_axial"_code);
}

TEST(SeriesChoice, WantedUidOverrules) {
  Study study = only_study(together(ct_stack("a", 40), ct_stack("b", 3), ct_stack("c", 40)));
  choose_series(study, "b");
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "b");
  EXPECT_TRUE(gave(*study.chosen(), "series_wanted"_code));
  EXPECT_EQ(first_reason(study, 0), "series_not_wanted"_code);
  EXPECT_THROW(choose_series(study, "nowhere"), Error);
  EXPECT_THROW(choose_series(study, "b#1"), Error);
  choose_series(study, "c#0");
  EXPECT_EQ(study.chosen()->header.series_instance_uid, "c");

  Files report{ct_slice("report", 1, 0)};
  report[0].instance.has_pixels = false;
  study = only_study(report);
  try {
    choose_series(study, "report");
    FAIL() << "a series without pixels was taken";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "series_unreadable"_code);
  }
}

TEST(SeriesSplit, TakesAScoutOutOfASeries) {
  Files files = ct_stack("s", 40);
  FileHeader by_type = ct_slice("s", 100, 20), by_axes = ct_slice("s", 101, 20);
  by_type.instance.image_type[2] = "LOCALIZER";
  by_axes.instance.orientation = {1, 0, 0, 0, 0, -1};
  files.insert(files.begin(), by_type);
  files.push_back(by_axes);
  const Study study = only_study(files);
  ASSERT_EQ(study.series.size(), 3u);
  EXPECT_EQ(study.chosen()->image_count(), 40u);
  EXPECT_EQ(study.chosen()->split_by, "image type, orientation");
  EXPECT_EQ(first_reason(study, 0), "series_localizer"_code);
  EXPECT_EQ(first_reason(study, 2), "series_too_few"_code);
}

TEST(SeriesSplit, SplitsByFrameOfReferenceMatrixAndSpacing) {
  Files files =
      together(ct_stack("s", 20), ct_stack("s", 20), ct_stack("s", 20), ct_stack("s", 20));
  for (std::size_t i = 0; i < files.size(); ++i) {
    Instance& instance = files[i].instance;
    instance.sop_instance_uid = std::to_string(i);
    if (i / 20 == 1) instance.frame_of_reference_uid = "other";
    if (i / 20 == 2) instance.rows = 256;
    if (i / 20 == 3) instance.pixel_spacing = {0.9, 0.9};
  }
  const Study study = only_study(files);
  ASSERT_EQ(study.series.size(), 4u);
  for (std::size_t part = 0; part < 4; ++part) {
    EXPECT_EQ(study.series[part].image_count(), 20u);
    EXPECT_EQ(study.series[part].part, static_cast<int>(part));
  }
  EXPECT_EQ(study.series[0].split_by, "frame of reference, matrix");
}

TEST(SeriesSplit, IgnoresFramesOfReferenceThatAreAllDifferent) {
  Files files = ct_stack("s", 20);
  for (FileHeader& f : files) f.instance.frame_of_reference_uid = f.instance.sop_instance_uid;
  EXPECT_EQ(only_study(files).series.size(), 1u);
}

TEST(SeriesSplit, AcquisitionSplitsOverlappingStacksOnly) {
  Files along = ct_stack("along", 40);  // counts up along the table
  for (FileHeader& f : along) f.instance.acquisition_number = *f.instance.instance_number / 8;
  EXPECT_EQ(only_study(along).series.size(), 1u);

  Files phases = together(ct_stack("p", 40), ct_stack("p", 40));
  for (std::size_t i = 0; i < phases.size(); ++i) {
    phases[i].instance.sop_instance_uid = std::to_string(i);
    phases[i].instance.acquisition_number = i < 40 ? 3 : 4;
  }
  Study study = only_study(phases);
  ASSERT_EQ(study.series.size(), 2u);
  EXPECT_EQ(study.series[0].split_by, "acquisition");

  // Without an acquisition number the order of InstanceNumber tells the copies apart.
  for (std::size_t i = 0; i < phases.size(); ++i) {
    phases[i].instance.acquisition_number.reset();
    phases[i].instance.instance_number = static_cast<int>(i) + 1;
  }
  study = only_study(phases);
  ASSERT_EQ(study.series.size(), 2u);
  EXPECT_EQ(study.series[0].split_by, "repeated positions");
  EXPECT_EQ(*study.series[0].instances.back().instance_number, 40);
}

TEST(SeriesSplit, AStackWithMostSlicesMissingStaysWholeThoughTakenInSteps) {
  const Files all = ct_stack("s", 160);
  Files files;
  for (const int kept :
       {10, 14, 24, 29,  36,  41,  45,  49,  51,  52,  56,  58,  64,  66,  78,  84, 85,
        86, 90, 98, 100, 101, 103, 104, 107, 111, 112, 113, 116, 118, 121, 124, 127})
    files.push_back(all[static_cast<std::size_t>(kept)]);
  for (FileHeader& f : files) f.instance.acquisition_number = *f.instance.instance_number / 8;
  EXPECT_EQ(only_study(files).series.size(), 1u);
}

TEST(SeriesSplit, InterleavedAcquisitionsOfOneStackStayTogether) {
  Files files = ct_stack("s", 40);
  for (FileHeader& f : files) f.instance.acquisition_number = *f.instance.instance_number % 2;
  EXPECT_EQ(only_study(files).series.size(), 1u);
}

TEST(Studies, EmptyUidsStillMakeOneSeries) {
  Files files = ct_stack("", 20);
  for (FileHeader& f : files) {
    f.series.study_instance_uid.clear();
    f.instance.sop_class_uid.clear();
    f.instance.sop_instance_uid.clear();
    f.instance.frame_of_reference_uid.clear();
  }
  const Study study = only_study(files);
  ASSERT_NE(study.chosen(), nullptr);
  EXPECT_EQ(study.chosen()->image_count(), 20u);
}

TEST(Studies, KeepTheirOrderAndPicturesStandAlone) {
  Files files = together(ct_stack("b", 12), ct_stack("a", 12));
  for (std::size_t i = 0; i < files.size(); ++i)
    if (i >= 12) files[i].series.study_instance_uid = "0.1";
  FileHeader picture;
  picture.instance.rows = picture.instance.columns = 100;
  picture.instance.has_pixels = true;
  files = together(files, Files{picture, picture});
  std::reverse(files.begin(), files.end());  // the order of arrival does not matter
  const std::vector<Study> studies = group_studies(files);
  ASSERT_EQ(studies.size(), 4u);
  EXPECT_EQ(studies[0].study_instance_uid, "1.1");
  EXPECT_EQ(studies[1].study_instance_uid, "0.1");
  EXPECT_EQ(studies[2].kind, StudyKind::xray);
  EXPECT_EQ(studies[3].kind, StudyKind::xray);
}

TEST(Studies, CopiesOfAFileCountOnce) {
  const Files stack = ct_stack("s", 20);
  const Study study = only_study(together(stack, stack));
  EXPECT_EQ(study.chosen()->image_count(), 20u);
  ASSERT_EQ(study.notices.size(), 1u);
  EXPECT_EQ(study.notices[0].code, "repeated_files"_code);
  EXPECT_EQ(study.notices[0].args.at("count"), "20");

  Files same_uid = stack;  // an anonymiser that gave every slice the same SOPInstanceUID
  for (FileHeader& f : same_uid) f.instance.sop_instance_uid = "1";
  EXPECT_EQ(only_study(same_uid).chosen()->image_count(), 20u);
}

TEST(Studies, RadiographsAreOnePartAnImageAndFrontalViewsWin) {
  const Study study =
      only_study({radiograph("x", "LL"), radiograph("x", "PA"), radiograph("y", "")});
  EXPECT_EQ(study.kind, StudyKind::xray);
  ASSERT_EQ(study.series.size(), 3u);
  EXPECT_EQ(first_reason(study, 0), "series_lateral_view"_code);
  EXPECT_EQ(study.chosen()->header.view_position, "PA");

  Files both = ct_stack("ct", 40);
  both.push_back(radiograph("x", "PA"));
  const Study mixed = only_study(both);
  EXPECT_EQ(mixed.kind, StudyKind::ct);
  EXPECT_EQ(first_reason(mixed, 1), "series_beside_ct"_code);
}

TEST(Studies, RefusalNamesTheReason) {
  Files mr = ct_stack("mr", 40);
  for (FileHeader& f : mr) f.instance.modality = f.series.modality = "MR";
  Study study = only_study(mr);
  EXPECT_EQ(study.kind, StudyKind::other);
  EXPECT_EQ(study_refusal(study)->code, "wrong_modality"_code);
  EXPECT_EQ(study_refusal(study)->args.at("modality"), "MR");

  EXPECT_EQ(study_refusal(only_study({ct_slice("s", 1, 0)}))->code, "too_few_slices"_code);
  EXPECT_EQ(study_refusal(only_study({radiograph("x", "LL")}))->code, "only_lateral_view"_code);
  Files scout{ct_slice("scout", 1, 0)};
  scout[0].instance.image_type = {"ORIGINAL", "PRIMARY", "LOCALIZER"};
  EXPECT_EQ(study_refusal(only_study(scout))->code, "no_readable_series"_code);
  EXPECT_FALSE(study_refusal(only_study(ct_stack("s", 40))));
}

TEST(SeriesWords, KnowBodyRegionsInBothLanguages) {
  const auto chest = [](const char* text) {
    return !body_hint(std::string_view(text)).chest.empty();
  };
  const auto other = [](const char* text) {
    return !body_hint(std::string_view(text)).elsewhere.empty();
  };
  EXPECT_EQ(body_hint(std::string_view("LOWER EXTREMITIES L")).elsewhere, "EXTREMITIES");
  EXPECT_EQ(body_hint(std::string_view("Рг правой Стопы, 2 проекции")).elsewhere, "Стопы");
  for (const char* text : {"CHEST", "Thorax/C-", "КТ ОГК", "органы грудной клетки", "Лёгкие 1.0",
                           "LUNG_LOW_DOSE", "CT CAP with contrast", "HRCT"})
    EXPECT_TRUE(chest(text)) << text;
  for (const char* text : {"THORACIC SPINE", "грудной отдел позвоночника", "HEAD", "ABDOMEN",
                           "головной мозг", "plunger", "capture"})
    EXPECT_FALSE(chest(text)) << text;
  for (const char* text : {"HEAD", "брюшная полость", "Abdomen", "ГОЛОВА", "1.23 Glowa"})
    EXPECT_TRUE(other(text)) << text;
  EXPECT_TRUE(chest("Thorax+Abdomen") && other("Thorax+Abdomen"));
  EXPECT_FALSE(other("ahead"));
}

TEST(SeriesWords, KnowKernels) {
  for (const char* kernel : {"STANDARD", "SOFT", "B30f", "Br38f\\3", "B", "FC08", "FC18-H", "I31f"})
    EXPECT_EQ(kernel_class(kernel), KernelClass::soft) << kernel;
  for (const char* kernel : {"LUNG", "BONEPLUS", "B70f", "Bl57d", "L", "FC52", "I70f\\3", "YA"})
    EXPECT_EQ(kernel_class(kernel), KernelClass::sharp) << kernel;
  for (const char* kernel : {"", "XYZZY", "1"})
    EXPECT_EQ(kernel_class(kernel), KernelClass::unknown) << kernel;
}

}  // namespace
}  // namespace thorax::intake
