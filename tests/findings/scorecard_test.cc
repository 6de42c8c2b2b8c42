#include "findings/scorecard.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace thorax::findings {
namespace {

const std::filesystem::path kShipped =
    std::filesystem::path(THORAX_SOURCE_DIR) / "models" / "ct-quantitative";

nlohmann::json shipped_manifest() {
  std::ifstream file(kShipped / "model.json");
  return nlohmann::json::parse(file);
}

class ScorecardFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(testing::TempDir()) / (std::string("scorecard-") + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& content) { std::ofstream(folder_ / "model.json") << content; }
  std::string problem_of(const nlohmann::json& manifest) {
    write(manifest.dump());
    try {
      load_scorecard(folder_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "bad_model"_code);
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder_;
};

TEST_F(ScorecardFile, TheShippedOneIsWholeAndNotCalibrated) {
  const Scorecard card = load_scorecard(kShipped);
  EXPECT_EQ(card.name, "ct-quantitative");
  EXPECT_FALSE(card.calibrated);
  EXPECT_EQ(card.sha256.size(), 64U);
  ASSERT_EQ(card.classes.size(), 21U);
  // The class order of the CT-RATE labels, the two MosMed classes, then ours.
  EXPECT_EQ(card.classes.front().id, "Medical material");
  EXPECT_EQ(card.classes[17].id, "Interlobular septal thickening");
  EXPECT_EQ(card.classes[18].id, "COVID-19");
  EXPECT_EQ(card.classes[19].id, "Cancer");
  EXPECT_EQ(card.classes.back().id, "Pneumothorax");
  EXPECT_EQ(card.severity_order.front(), "Pneumothorax");
  EXPECT_EQ(card.severity_order.back(), "Medical material");
  for (const ScoredClass& c : card.classes) {
    EXPECT_FALSE(c.name.ru.empty()) << c.id;
    EXPECT_EQ(c.terms.empty(), !c.not_analysed_why.en.empty()) << c.id;
    for (const Term& term : c.terms) EXPECT_FALSE(term.source.ru.empty()) << c.id;
  }
}

TEST_F(ScorecardFile, TheCardNamesEveryCutOff) {
  const std::string text = read_file(kShipped / "CARD.md");
  for (const ScoredClass& c : load_scorecard(kShipped).classes)
    for (const Term& term : c.terms) {
      EXPECT_THAT(text, testing::HasSubstr("`" + term.measurement_id + "`"));
      std::ostringstream cutoff;
      cutoff << term.cutoff;
      EXPECT_THAT(text, testing::ContainsRegex("\\| " + c.id + " \\|.*" + cutoff.str()));
    }
}

TEST_F(ScorecardFile, EveryBrokenFieldIsNamed) {
  auto manifest = shipped_manifest();
  manifest.erase("severity_order");
  EXPECT_THAT(problem_of(manifest), testing::HasSubstr("severity_order"));

  manifest = shipped_manifest();
  manifest["severity_order"].erase(0);
  EXPECT_THAT(problem_of(manifest), testing::HasSubstr("every class once"));

  manifest = shipped_manifest();
  manifest["classes"][7]["terms"][0]["scale"] = 0;
  EXPECT_THAT(problem_of(manifest), testing::HasSubstr("emphysema.laa950.percent"));

  manifest = shipped_manifest();
  manifest["classes"][7]["terms"][0]["weight"] = 1.5;
  EXPECT_THAT(problem_of(manifest), testing::HasSubstr("weight"));

  manifest = shipped_manifest();
  manifest["kind"] = "network";
  EXPECT_THAT(problem_of(manifest), testing::HasSubstr("kind"));

  write("not json");
  EXPECT_THROW(load_scorecard(folder_), Error);
}

TEST_F(ScorecardFile, AMissingFolderSaysSo) {
  try {
    load_scorecard(folder_ / "absent");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "no_such_input"_code);
  }
}

}  // namespace
}  // namespace thorax::findings
