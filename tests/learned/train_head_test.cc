// thorax train on embeddings, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xlsxwriter.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "support/temporary_folder.h"
#include "weights/manifest.h"
#include "weights/safetensors.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using namespace testing_support;

constexpr std::size_t kStudies = 240, kWidth = 24;

/// In [-1, 1), the same everywhere.
float noise(std::size_t i) {
  std::uint64_t z = (i + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return static_cast<float>(static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-52 - 1);
}

/// Study i has finding A when i % 3 is 0 and finding B when i % 4 is 0; each is a direction.
bool has(std::size_t i, char finding) {
  return i % (finding == 'A' ? 3 : 4) == 0;
}

class TrainHead : public testing::Test {
 protected:
  TrainHead() {
    std::vector<float> values;
    json ids = json::array();
    for (std::size_t i = 0; i < kStudies; ++i) {
      ids.push_back("1.2." + std::to_string(i));
      for (std::size_t k = 0; k < kWidth; ++k)
        values.push_back(noise(i * kWidth + k) + (has(i, 'A') && k % 2 == 0 ? 1.0F : 0) +
                         (has(i, 'B') && k % 3 == 0 ? 1.2F : 0));
    }
    ids.push_back("1.2.unlabelled");
    values.resize(values.size() + kWidth, 0.5F);
    weights::write_safetensors(
        embeddings, {{"embeddings", weights::make_tensor({kStudies + 1, kWidth}, values)}},
        {{"ids", ids.dump()},
         {"lost", "[]"},
         {"normalised", "false"},
         {"model", "ct-tiny"},
         {"model_sha256", "ab12"}});
  }

  /// One class column, as a spreadsheet.
  void write_workbook() const {
    const std::string name = table("xlsx").string();
    lxw_workbook* book = workbook_new(name.c_str());
    lxw_worksheet* sheet = workbook_add_worksheet(book, nullptr);
    const auto put = [&](std::size_t row, std::uint16_t column, const std::string& text) {
      worksheet_write_string(sheet, static_cast<lxw_row_t>(row), column, text.c_str(), nullptr);
    };
    put(0, 0, "study_id");
    put(0, 1, "patient_id");
    put(0, 2, "status");
    for (std::size_t i = 0; i < kStudies; ++i) {
      put(i + 1, 0, "1.2." + std::to_string(i));
      put(i + 1, 1, "p" + std::to_string(i / 2));
      put(i + 1, 2, has(i, 'A') ? "патология" : "норма");
    }
    put(kStudies + 1, 0, "1.2.no embedding");
    put(kStudies + 1, 2, "норма");
    EXPECT_EQ(workbook_close(book), LXW_NO_ERROR);
  }
  void write_csv() const {
    std::ofstream csv(table("csv"));
    csv << "study_id,A,B\n";
    for (std::size_t i = 0; i < kStudies; ++i)
      csv << "1.2." << i << ',' << has(i, 'A') << ',' << has(i, 'B') << '\n';
  }
  fs::path table(const std::string& kind) const { return folder / ("labels." + kind); }
  fs::path run() const { return folder / "run"; }

  Ended train(const std::string& config, const std::string& kind,
              std::vector<std::string> words) const {
    words.insert(
        words.begin(),
        {"train", THORAX_SOURCE_DIR "/configs/" + config, "data.embeddings=" + embeddings.string(),
         "data.table=" + table(kind).string(), "run.folder=" + run().string(),
         "run.licence=CC0-1.0", "training.batch=32", "data.validation=0.25", "data.test=0.25"});
    return run_thorax(words);
  }

  TemporaryFolder folder;
  fs::path embeddings = folder / "embeddings.safetensors";
};

TEST_F(TrainHead, LearnsNormalOrPathologyFromASpreadsheet) {
  write_workbook();
  const Ended ended =
      train("head-binary.yaml", "xlsx", {"data.classes=норма,патология", "training.epochs=40"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const weights::Manifest head = weights::load_manifest(run() / "head-binary");
  EXPECT_EQ(head.task, "embedding-head");
  EXPECT_EQ(head.json.at("embedding"), "ct-tiny");
  EXPECT_EQ(head.labels, (std::vector<std::string>{"норма", "патология"}));
  const json& test = head.json.at("metrics").at("test");
  EXPECT_GT(test.at("classes").at("патология").at("auroc").at("value").get<double>(), 0.95);
  EXPECT_EQ(head.json.at("thresholds").size(), 1u);
  EXPECT_GT(head.json.at("calibration").at("temperature").get<double>(), 0);
  EXPECT_EQ(head.json.at("trained").at("embeddings").at("unlabelled"), 1);
  EXPECT_EQ(head.json.at("trained").at("embeddings").at("rows_without_embedding"), 1);

  const std::string card = read_file(run() / "head-binary/CARD.md");
  EXPECT_THAT(card, HasSubstr("ct-tiny"));
  EXPECT_THAT(card, HasSubstr("None of these patients was seen"));
  EXPECT_THAT(card, HasSubstr("training.loss: focal"));
  EXPECT_TRUE(fs::exists(run() / "evaluation.html"));
  EXPECT_EQ(run_thorax({"model", "verify", "head-binary", "--models", run().string()}).exit_code,
            0);
  const Ended evaluated =
      run_thorax({"evaluate", (run() / "predictions.csv").string(), "--where", "split=test"});
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
}

TEST_F(TrainHead, LearnsFindingsFromColumns) {
  write_csv();
  const Ended ended =
      train("head-multilabel.yaml", "csv", {"training.epochs=25", "training.rate=0.005"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const weights::Manifest head = weights::load_manifest(run() / "head-multilabel");
  EXPECT_EQ(head.labels, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(head.json.at("thresholds").size(), 2u);
  for (const char* name : {"A", "B"})
    EXPECT_GT(head.json.at("metrics")
                  .at("test")
                  .at("classes")
                  .at(name)
                  .at("auroc")
                  .at("value")
                  .get<double>(),
              0.95)
        << name;
}

TEST_F(TrainHead, CallsAnyFindingPathology) {
  write_csv();
  const Ended ended =
      train("head-binary.yaml", "csv", {"data.target=any", "training.epochs=2", "data.test=0"});
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  const json run_file = json::parse(read_file(run() / "run.json"));
  EXPECT_EQ(run_file.at("classes"), (json{"normal", "pathology"}));
  int pathology = 0;
  for (const char* split : {"train", "validation"})
    pathology += run_file.at("studies").at(split).at("positive").at("pathology").get<int>();
  EXPECT_EQ(pathology, 120);  // a third, a quarter, less a twelfth
  EXPECT_THAT(read_file(run() / "head-binary/CARD.md"), HasSubstr("flatter the head"));
}

TEST_F(TrainHead, SaysWhatDoesNotFit) {
  write_csv();
  const auto expect = [&](const std::vector<std::string>& words, const std::string& said) {
    const Ended ended = train("head-multilabel.yaml", "csv", words);
    EXPECT_NE(ended.exit_code, 0);
    EXPECT_THAT(ended.err, HasSubstr(said));
  };
  expect({"training.loss=focal"}, "training.loss");
  expect({"training.positive_weight=1,2,3"}, "training.positive_weight");
  expect({"run.goal=best"}, "run.goal");
  expect({"network.id=vit"}, "network.id");
  expect({"data.label_columns=C"}, "no column C");
  const fs::path normalised = folder / "normalised.safetensors";
  weights::write_safetensors(
      normalised,
      {{"embeddings", weights::make_tensor({1, kWidth}, std::vector<float>(kWidth, 0.2F))}},
      {{"ids", R"(["1.2.0"])"},
       {"lost", "[]"},
       {"normalised", "true"},
       {"model", "ct-tiny"},
       {"model_sha256", "ab12"}});
  expect({"data.embeddings=" + normalised.string(), "network.config={\"normalise\": false}"},
         "embed --raw");
  expect({"data.label_columns=A", "data.target=class"}, "training.loss");
  expect({"data.id_column=A"}, "twice: ");
  expect({"data.embeddings=" + (folder / "absent").string()}, "absent");
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(TrainHead, WritesItsModelAgainAfterAKillBehindTheTraining) {
  write_csv();
  const std::vector<std::string> words{"data.target=any", "training.epochs=6", "data.test=0"};
  ASSERT_EQ(train("head-binary.yaml", "csv", words).exit_code, 0);
  const std::string whole = read_file(run() / "head-binary/weights.safetensors");
  // What a kill leaves: the checkpoint, and none of what is written behind the training.
  for (const char* lost : {"head-binary", "predictions.csv", "evaluation.html"})
    fs::remove_all(run() / lost);
  const Ended again = train("head-binary.yaml", "csv", words);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(run() / "head-binary/weights.safetensors"), whole);
}

}  // namespace
}  // namespace thorax
