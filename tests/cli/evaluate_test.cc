// thorax evaluate, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

class Evaluate : public testing::Test {
 protected:
  Evaluate() {
    std::string text = "path,patient_id,split,class,logit_NORMAL,logit_PNEUMONIA\n";
    for (int i = 0; i < 60; ++i)
      text += std::to_string(i) + ',' + std::to_string(i / 2) + ',' +
              (i < 30 ? "validation" : "test") + ',' + ((i * 7) % 10 < 4 ? "NORMAL" : "PNEUMONIA") +
              ",0," + std::to_string((i * 7) % 10 - 4 + (i % 3 == 0 ? -2 : 1)) + '\n';
    folder.write("p.csv", text);
  }
  Ended call(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"evaluate", (folder / "p.csv").string()});
    arguments.insert(arguments.end(), {"--resamples", "50"});
    return run_thorax(arguments);
  }
  TemporaryFolder folder;
};

TEST_F(Evaluate, PrintsATableAndWritesThePage) {
  const Ended run =
      call({"--fit", "split=validation", "--where", "split=test", "--by", "patient_id", "--goal",
            "sensitivity>=0.9", "--out", (folder / "out").string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("AUROC"), HasSubstr("PNEUMONIA"), HasSubstr("Temperature")));
  const auto document = nlohmann::json::parse(read_file(folder / "out/evaluation.json"));
  EXPECT_EQ(document["metrics"]["cases"], 30);
  EXPECT_EQ(document["metrics"]["patients"], 15);
  EXPECT_EQ(document["slices"].size(), 15u);
  EXPECT_GE(document["metrics"]["classes"][1]["auroc"]["value"].get<double>(), 0.8);
  EXPECT_TRUE(document["slices"][0]["classes"][1]["auroc"].contains("low"));
  const std::string page = read_file(folder / "out/evaluation.html");
  EXPECT_THAT(page, AllOf(HasSubstr("<svg"), HasSubstr("Матрица ошибок"), HasSubstr("p.csv"),
                          Not(HasSubstr("nan")), Not(HasSubstr("<script"))));
}

TEST_F(Evaluate, JsonIsTheSameEveryTime) {
  const Ended one = call({"--json"}), two = call({"--json"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(one.out, two.out);
  EXPECT_EQ(nlohmann::json::parse(one.out)["metrics"]["cases"], 60);
  EXPECT_TRUE(nlohmann::json::parse(one.out)["fitted"].is_null());
}

TEST_F(Evaluate, WhatIsFittedGoesIntoTheModelsManifest) {
  const std::string manifest =
      R"({"schema":1,"kind":"network","name":"m","version":"1","task":"xray-classification",)"
      R"("licence":"CC0","network":"resnet","config":{},"weights":"w","files":[{"name":"w",)"
      R"("sha256":"","bytes":0}],"labels":["NORMAL","PNEUMONIA"]})";
  folder.write("m/model.json", manifest);
  const std::vector<std::string> into{"--fit", "split=validation", "--into",
                                      (folder / "m").string()};
  const Ended run = call(into);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto written = nlohmann::json::parse(read_file(folder / "m/model.json"));
  EXPECT_GT(written["calibration"]["temperature"].get<double>(), 0);
  EXPECT_EQ(written["calibration"]["cases"], 30);
  EXPECT_EQ(written["calibration"]["conformal"]["NORMAL"].size() +
                written["calibration"]["conformal"]["PNEUMONIA"].size(),
            30u);
  std::string other = manifest;
  other.replace(other.find("PNEUMONIA"), 9, "EDEMA");
  folder.write("m/model.json", other);
  EXPECT_EQ(call(into).exit_code, 65) << "another model's classes";
}

TEST_F(Evaluate, JudgesAnswersAsAModelsManifestCalibratesThem) {
  const std::string model = (folder / "m").string();
  const auto keep = [&](const std::string& labels, const std::string& calibration) {
    folder.write("m/model.json",
                 R"({"schema":1,"kind":"network","name":"m","version":"1","task":"x",)"
                 R"("licence":"CC0","network":"resnet","config":{},"weights":"w","files":)"
                 R"([{"name":"w","sha256":"","bytes":0}],"labels":)" +
                     labels + calibration + '}');
  };
  const std::string labels = R"(["NORMAL","PNEUMONIA"])";
  keep(labels, R"(,"calibration":{"temperature":2.5})");
  const auto judged = [&] {
    const Ended run = call({"--calibration", model, "--json"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return nlohmann::json::parse(run.out);
  };
  const nlohmann::json alone = judged();
  EXPECT_EQ(alone["fitted"]["temperature"], 2.5);
  EXPECT_TRUE(alone["fitted"]["miss_rates"].empty()) << "no conformal scores are kept there";
  const auto error = [](const nlohmann::json& of) {
    return of["metrics"]["calibration_error"]["value"].get<double>();
  };
  EXPECT_NE(error(alone), error(nlohmann::json::parse(call({"--json"}).out)));

  ASSERT_EQ(call({"--fit", "split=validation", "--into", model}).exit_code, 0);
  const nlohmann::json fitted =
      nlohmann::json::parse(call({"--fit", "split=validation", "--json"}).out);
  EXPECT_EQ(judged()["fitted"]["temperature"], fitted["fitted"]["temperature"]);
  EXPECT_EQ(judged()["fitted"]["miss_rates"], fitted["fitted"]["miss_rates"]);
  EXPECT_EQ(judged()["fitted"]["cases"], 30);

  EXPECT_EQ(call({"--calibration", model, "--fit", "split=test"}).exit_code, 64);
  keep(labels, R"(,"calibration":{"temperature":0})");
  EXPECT_EQ(call({"--calibration", model}).exit_code, 65);
  keep(labels, "");
  EXPECT_EQ(call({"--calibration", model}).exit_code, 65) << "not calibrated";
  keep(R"(["NORMAL","EDEMA"])", R"(,"calibration":{"temperature":1})");
  EXPECT_EQ(call({"--calibration", model}).exit_code, 65) << "another model's classes";
}

TEST_F(Evaluate, RefusesWhatItCannotDo) {
  EXPECT_EQ(call({"--where", "split"}).exit_code, 64);
  EXPECT_EQ(call({"--where", "split=train"}).exit_code, 64);
  EXPECT_EQ(call({"--goal", "best", "--fit", "split=test"}).exit_code, 64);
  EXPECT_EQ(call({"--goal", "f1"}).exit_code, 64) << "nothing to choose it on";
  EXPECT_EQ(call({"--positive", "EDEMA"}).exit_code, 64);
  EXPECT_EQ(call({"--truth", "absent"}).exit_code, 64);
  EXPECT_EQ(run_thorax({"evaluate", (folder / "absent.csv").string()}).exit_code, 66);
}

}  // namespace
}  // namespace thorax
