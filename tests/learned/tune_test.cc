// thorax tune, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using namespace testing_support;

constexpr std::size_t kStudies = 120, kWidth = 8;

class Tune : public testing::Test {
 protected:
  Tune() {
    std::vector<float> values;
    json ids = json::array();
    std::ofstream table(folder / "labels.csv");
    table << "study_id,status\n";
    for (std::size_t i = 0; i < kStudies; ++i) {
      ids.push_back(std::to_string(i));
      table << i << ',' << (i % 2 == 0 ? "a" : "b") << '\n';
      for (std::size_t k = 0; k < kWidth; ++k)
        values.push_back(static_cast<float>((i * 31 + k * 17) % 23) / 23.0F +
                         (i % 2 == 0 && k % 2 == 0 ? 1.5F : 0.0F));
    }
    weights::write_safetensors(folder / "e.safetensors",
                               {{"embeddings", weights::make_tensor({kStudies, kWidth}, values)}},
                               {{"ids", ids.dump()},
                                {"lost", "[]"},
                                {"normalised", "false"},
                                {"model", "tiny"},
                                {"model_sha256", "ab"}});
    // A rate of 1e-9 learns nothing; 0.05 and a hidden layer learn at once.
    config = folder.write("tune.yaml",
                          "extends: base.yaml\nsearch:\n  trials: 8\n  warm_up: 2\n  parameters:\n"
                          "    training.rate: {low: 1.0e-9, high: 0.05, scale: log}\n"
                          "    network.config.hidden: {choices: [[8], []]}\n");
    folder.write("base.yaml",
                 "run: {folder: " + run().string() + ", name: head}\n" +
                     "data:\n  embeddings: " + (folder / "e.safetensors").string() +
                     "\n  table: " + (folder / "labels.csv").string() +
                     "\n  validation: 0.3\n  test: 0\nnetwork: {id: mlp_head}\n"
                     "training: {epochs: 6, batch: 16, watch: auroc, average: 0, parts: 1}\n"
                     "tracking: {tensorboard: false}\n");
  }
  fs::path run() const { return folder / "search"; }
  Ended tune(const std::vector<std::string>& words = {}) const {
    std::vector<std::string> all{"tune", config.string()};
    all.insert(all.end(), words.begin(), words.end());
    return run_thorax(all);
  }
  /// Settings and scores, without the time that they took.
  std::vector<json> trials() const {
    std::vector<json> out;
    std::istringstream lines(read_file(run() / "trials.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      out.push_back(json::parse(line));
      out.back().erase("seconds");
    }
    return out;
  }

  TemporaryFolder folder;
  fs::path config;
};

TEST_F(Tune, FindsTheRateThatLearnsAndGoesOnWhereItWas) {
  const Ended whole = tune();
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const std::vector<json> first = trials();
  ASSERT_EQ(first.size(), 8u);
  double best = 0, rate = 0;
  for (const json& trial : first)
    if (trial.at("score").get<double>() > best) {
      best = trial.at("score");
      rate = std::stod(trial.at("settings").at("training.rate").get<std::string>());
    }
  EXPECT_GT(best, 0.9);
  EXPECT_GT(rate, 1e-5);
  EXPECT_THAT(read_file(run() / "report.md"), HasSubstr("| `training.rate` |"));

  // Stopped behind the third trial and in the fourth: the same search.
  std::istringstream lines(read_file(run() / "trials.jsonl"));
  std::string kept, line;
  for (int i = 0; i < 3 && std::getline(lines, line); ++i) kept += line + '\n';
  std::ofstream(run() / "trials.jsonl") << kept << R"({"trial": 4, "sc)";
  for (int trial = 5; trial <= 8; ++trial)
    fs::remove_all(run() / ("trials/000" + std::to_string(trial)));
  ASSERT_EQ(tune().exit_code, 0);
  EXPECT_EQ(trials(), first);
}

TEST_F(Tune, TrainsTeachersOnceForAllTrials) {
  folder.write("teacher.yaml", "extends: base.yaml\nrun: {name: teacher}\n");
  const Ended run_of_two = tune({"training.teachers=teacher.yaml", "search.trials=2"});
  ASSERT_EQ(run_of_two.exit_code, 0) << run_of_two.err;
  const fs::path teacher = run() / "teachers/teacher/teacher";
  EXPECT_TRUE(fs::exists(teacher / "model.json"));
  EXPECT_THAT(read_file(run() / "trials/0002/config.yaml"), HasSubstr(teacher.string()));
  EXPECT_FALSE(fs::exists(run() / "trials/0002/teachers"));
}

TEST_F(Tune, SaysWhatItCannotSearch) {
  const Ended unknown = tune({"search.parameters.training.rat.low=1"});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_THAT(unknown.err, HasSubstr("search.parameters.training.rat"));
  const Ended misspelt = tune({"search.parameters.training.epoch.choices=[1,2]"});
  EXPECT_THAT(misspelt.err, HasSubstr("training.epochs"));
}

}  // namespace
}  // namespace thorax
