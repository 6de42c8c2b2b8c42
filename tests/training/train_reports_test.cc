// Training of the head that finds and writes, on what a segmentation network saw of drawn chests.
#include <map>

#include "learn/table.h"
#include "pipeline/ct_segmentation.h"
#include "training/train_volumes.h"

namespace thorax {
namespace {

using nlohmann::json;
using namespace testing_support;

using TrainReports = TrainVolumes;

DrawnChest airless(int number) {
  DrawnChest chest = draw_chest(number, DrawnOpacity::none);
  for (std::size_t i = 0; i < chest.hu.size(); ++i)
    if (chest.outlines[i] != 0) chest.hu[i] = 30;
  return chest;
}

/// BART's tokenizer with the ids of a small network: the tokens of the golden, counted through.
fs::path small_vocabulary(const fs::path& folder) {
  const fs::path golden = THORAX_SOURCE_DIR "/tests/golden/bart/bpe";
  fs::create_directories(folder);
  fs::copy_file(golden / "merges.txt", folder / "merges.txt");
  std::map<std::int64_t, std::string> tokens;
  const json known = json::parse(std::ifstream(golden / "vocab.json"));
  for (const auto& [token, id] : known.items()) tokens[id.get<std::int64_t>()] = token;
  json counted;
  for (const auto& [unused, token] : tokens) counted[token] = counted.size();
  std::ofstream(folder / "vocab.json") << counted;
  return folder / "vocab.json";
}

TEST_F(TrainReports, WhatAnotherNetworkSawTeachesToFindAndToWrite) {
  constexpr int kOutlined = 6, kStudies = 32;
  std::ofstream outlines(folder / "labels.csv");
  outlines << "path,mask\n";
  for (int i = 0; i < kOutlined; ++i) {
    draw(100 + i, DrawnOpacity::none);
    outlines << study_name(100 + i) << ",m" << study_name(100 + i) << '\n';
  }
  outlines.close();
  Words words = small_outliner(80);
  words.emplace_back("training.epochs=2");
  train("ct-segmentation.yaml", words);

  const std::string clear = "Clear lungs.", dense = "No air in the lungs.";
  std::map<std::string, std::string> truth;
  std::ofstream csv(folder / "labels.csv");
  csv << "path,report,atelectasis,air\n";
  for (int i = 0; i < kStudies; ++i) {
    write_chest(i, i % 2 == 0 ? draw_chest(i, DrawnOpacity::none) : airless(i));
    truth[study_name(i)] = i % 2 == 0 ? clear : dense;
    csv << study_name(i) << ',' << truth[study_name(i)] << ',' << i % 2 << ',' << 1 - i % 2 << '\n';
  }
  csv.close();
  train("ct-reports.yaml",
        {"network.backbone=" + (run() / "ct-segmentation").string(),
         "run.folder=" + run().string() + "/reports", "data.words=32",
         "data.vocabulary=" + small_vocabulary(folder / "words").string(), "data.classes=",
         "network.config={\"size\": 32, \"encoder_layers\": 1, \"decoder_layers\": 1, "
         "\"encoder_heads\": 2, \"decoder_heads\": 2, \"encoder_hidden\": 64, "
         "\"decoder_hidden\": 64, \"positions\": 32, \"max_length\": 32, \"bridge_heads\": 2, "
         "\"bridge_layers\": 1, \"bridge_hidden\": 64, \"experts\": 2, \"expert_hidden\": 32, "
         "\"dropout\": 0}",
         "training.rate=0.001", "training.slow_rate=1", "training.text=1", "training.epochs=100",
         "training.batch=4", "training.average=0.9"});
  const weights::Manifest model = weights::load_manifest(run() / "reports/ct-reports");
  EXPECT_EQ(model.labels, (Words{"air", "atelectasis"}));
  EXPECT_EQ(model.json.at("backbone").at("name"), "ct-segmentation");
  const json& metrics = model.json.at("metrics").at("test");
  EXPECT_GE(metrics.at("classes").at("atelectasis").at("auroc").at("value").get<double>(), 0.9);
  EXPECT_GT(metrics.at("bleu").get<double>(), 0.7);
  int written = 0, right = 0;
  for (const auto& row : learn::read_table(run() / "reports/reports.csv",
                                           {"study_id", "split", "report", "written"})) {
    EXPECT_EQ(row.at("report"), truth.at(row.at("study_id")));
    ++written;
    right += row.at("written") == row.at("report") ? 1 : 0;
  }
  EXPECT_GE(written, kStudies / 2);
  EXPECT_GE(right, written * 4 / 5);

  // A report of a new study says what both networks say of it.
  fs::rename(run() / "reports/ct-reports", run() / "ct-reports");
  const auto seen = pipeline::CtSegmentation::load(models()).look(airless(200).hu, scorecard(), {});
  ASSERT_TRUE(seen.draft && seen.opinion);
  EXPECT_EQ(seen.draft->text, dense);
  EXPECT_EQ(seen.opinion->findings.back().id, "atelectasis");
  EXPECT_GT(seen.opinion->findings.back().probability, 0.5);
}

}  // namespace
}  // namespace thorax
