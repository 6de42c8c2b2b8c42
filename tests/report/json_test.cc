#include "report/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sample_result.h"

namespace thorax::report {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Exit status of Debian's python3-jsonschema over the shipped schema.
int validate(const std::string& json, const std::string& name) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / (name + ".json");
  std::ofstream(file, std::ios::binary) << json;
  const std::string command =
      "/usr/bin/python3 -c 'import json,sys,jsonschema;"
      "s=json.load(open(sys.argv[1]));jsonschema.Draft202012Validator.check_schema(s);"
      "e=list(jsonschema.Draft202012Validator(s).iter_errors(json.load(open(sys.argv[2]))));"
      "[print(x.json_path,x.message) for x in e];sys.exit(bool(e))' "
      "'" THORAX_SOURCE_DIR "/schemas/study-result.schema.json' '" +
      file.string() + "'";
  const int status = std::system(command.c_str());
  std::filesystem::remove(file);
  return status;
}

TEST(Json, FollowsTheShippedSchema) {
  EXPECT_EQ(validate(to_json(sample_result()), "sample"), 0);
  EXPECT_EQ(validate(to_json(refused_result()), "refused"), 0);
  EXPECT_EQ(validate(to_json(StudyResult{}), "empty"), 0);
  StudyResult with_set = sample_result();
  with_set.decision->verdict.set = findings::PredictionSet{0.05, {{"Normal", "Норма"}}};
  EXPECT_EQ(validate(to_json(with_set), "with_set"), 0);
}

TEST(Json, TheSchemaRejectsAResultWithoutItsStatus) {
  auto document = nlohmann::ordered_json::parse(to_json(sample_result()));
  document.erase("processing_status");
  EXPECT_NE(validate(document.dump(), "without_status"), 0);
  document = nlohmann::ordered_json::parse(to_json(sample_result()));
  document["processing_status"] = "Failure";
  EXPECT_NE(validate(document.dump(), "failure_without_reason"), 0);
}

TEST(Json, ReadsBackWhatItWrote) {
  for (const StudyResult& result : {sample_result(), refused_result(), StudyResult{}}) {
    const std::string text = to_json(result, {.identify = true});
    EXPECT_EQ(to_json(from_json(text), {.identify = true}), text);
  }
  const StudyResult back = from_json(to_json(sample_result(), {.identify = true}));
  EXPECT_EQ(back.patient_name, "Ivanova^Anna");
  EXPECT_EQ(back.measurements.value("emphysema.laa950.percent"), 11.24);
  EXPECT_EQ(back.decision->findings.at(2).places.at(0).voxel, (std::array{75, 215, 322}));
  EXPECT_EQ(back.notices, sample_result().notices);
}

TEST(Json, NamesThePatientOnlyOnRequest) {
  EXPECT_THAT(to_json(sample_result()), Not(HasSubstr("Ivanova")));
  EXPECT_THAT(to_json(sample_result()), Not(HasSubstr("H-12345")));
  EXPECT_THAT(to_json(sample_result(), {.identify = true}), HasSubstr("Ivanova^Anna"));
}

TEST(Json, WritesNoticesAsSentencesInBothLanguages) {
  const auto document = nlohmann::json::parse(to_json(refused_result()));
  EXPECT_EQ(document["failure"]["id"], "NOT_A_CHEST");
  EXPECT_EQ(document["failure"]["severity"], "error");
  EXPECT_THAT(document["failure"]["what"]["en"], HasSubstr("head CT"));
  EXPECT_THAT(document["failure"]["what"]["ru"], HasSubstr("не исследование"));
}

TEST(Json, KeepsHostileTextHarmless) {
  const std::string text = to_json(hostile_result(), {.identify = true});
  const auto document = nlohmann::json::parse(text);  // strict: rejects broken UTF-8
  EXPECT_THAT(document["study"]["path"], HasSubstr("<script>"));
  EXPECT_TRUE(json_is_intact(text));
}

TEST(Json, WritesNumbersThatAreNotFiniteAsNull) {
  StudyResult result = sample_result();
  result.lesions[0].mean_hu = std::numeric_limits<double>::quiet_NaN();
  const std::string text = to_json(result);
  EXPECT_TRUE(nlohmann::json::parse(text)["lesions"][0]["mean_hu"].is_null());
  EXPECT_EQ(validate(text, "nan"), 0);
  EXPECT_EQ(to_json(from_json(text)), text);
}

TEST(Json, KnowsWhenItWasChanged) {
  std::string text = to_json(sample_result());
  EXPECT_TRUE(json_is_intact(text));
  text.replace(text.find("11.24"), 5, "1.124");
  EXPECT_FALSE(json_is_intact(text));
  EXPECT_THROW(json_is_intact("no json"), Error);
}

TEST(Json, SaysWhatAModelWasNotMadeFor) {
  StudyResult result = sample_result();
  result.decision->verdict.in_scope = false;
  findings::NetworkOpinion opinion;
  opinion.model = "children";
  opinion.novelty = findings::Novelty{1.5, 1.25, 0.05};
  result.networks = {opinion};
  const StudyResult back = from_json(to_json(result));
  EXPECT_FALSE(back.decision->verdict.in_scope);
  ASSERT_TRUE(back.networks.at(0).novelty);
  EXPECT_EQ(back.networks[0].novelty->distance, 1.5);
  EXPECT_EQ(back.networks[0].novelty->limit, 1.25);
  EXPECT_EQ(back.networks[0].novelty->false_alarm_rate, 0.05);
}

TEST(Json, RefusesWhatItCannotRead) {
  const auto code = [](const std::string& text) {
    try {
      from_json(text);
    } catch (const Error& error) {
      return error.notice().id();
    }
    return std::string("read");
  };
  std::string newer = to_json(sample_result());
  newer.replace(newer.find('"' + std::string(kSchemaVersion) + '"'), 5, "\"9.0\"");
  EXPECT_EQ(code(newer), "REPORT_UNREADABLE");
  EXPECT_EQ(code("{}"), "REPORT_UNREADABLE");
  EXPECT_EQ(code("not json"), "REPORT_UNREADABLE");
  std::string odd = to_json(sample_result());
  odd.replace(odd.find("\"usable\""), 8, "\"superb\"");
  EXPECT_EQ(code(odd), "REPORT_UNREADABLE");
}

TEST(Json, HasAStableKeyOrder) {
  const auto document = nlohmann::ordered_json::parse(to_json(sample_result()));
  EXPECT_EQ(document.begin().key(), "schema_version");
  EXPECT_EQ(to_json(sample_result()), to_json(sample_result()));
}

TEST(Json, KeepsWhereAStudyLiesInItsInput) {
  StudyResult result = sample_result();
  result.within = "second/a.png";
  const StudyResult back = from_json(to_json(result));
  EXPECT_EQ(back.place(), result.path + "/second/a.png");
  nlohmann::json old = nlohmann::json::parse(to_json(sample_result()));
  old["study"].erase("within");
  EXPECT_EQ(from_json(old.dump()).place(), result.path);
}

}  // namespace
}  // namespace thorax::report
