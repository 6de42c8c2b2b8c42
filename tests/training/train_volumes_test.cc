// Training on CT studies by the shipped configurations, on drawn chests, and what the models that
// come out say of a chest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "base/error.h"
#include "intake/phantom.h"
#include "intake/phantom_nifti.h"
#include "intake/phantom_output.h"
#include "learn/table.h"
#include "pipeline/ct_body_part.h"
#include "pipeline/embed.h"
#include "training/train_volumes.h"

namespace thorax {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using namespace testing_support;

const Words kBlocks{
    "network.config={\"volume\": [24, 32, 32], \"stem_stride\": [2], \"blocks\": [1, 1, 1, 1], "
    "\"dilated\": true}",
    "data.preparation={\"spacing_mm\": [12, 10, 10], \"low\": -1000, \"high\": 1000, \"divisor\": "
    "1000, \"padding\": -1}",
    "training.accumulate=1", "training.rate=0.0005"};

TEST_F(TrainVolumes, SlabsLearnWhichSeriesAreSickAndSpeakInAReport) {
  draw_studies(40);
  const Words words{"data.size=32", "data.slabs=6", "training.epochs=8", "training.average=0.9",
                    "training.rate=0.001"};
  train("ct-slabs.yaml", words);
  EXPECT_GE(auroc("ct-slabs", "pathology"), 0.9);
  const weights::Manifest model = weights::load_manifest(run() / "ct-slabs");
  EXPECT_EQ(model.task, "ct-slab-classification");
  EXPECT_EQ(model.json.at("series").at("share"), 0.1);
  EXPECT_EQ(model.json.at("thresholds").size(), 1u);

  const auto opinion =
      pipeline::CtSlabs::load(models()).judge(draw_chest(100, DrawnOpacity::none).hu, {});
  EXPECT_EQ(opinion.model, "ct-slabs");
  ASSERT_TRUE(opinion.series);
  EXPECT_GE(opinion.series->slabs, 8);
  EXPECT_TRUE(pipeline::CtNetworks::load(models(), scorecard()).empty());

  // A run in the same folder reads what was decoded and keeps its weights.
  const auto kept = weights::describe_file(run() / "ct-slabs/weights.safetensors").sha256;
  train("ct-slabs.yaml", words);
  EXPECT_EQ(weights::describe_file(run() / "ct-slabs/weights.safetensors").sha256, kept);
}

TEST_F(TrainVolumes, WholeVolumesLearnItTooAndGiveAnOpinionOfTheirOwn) {
  draw_studies(40);
  Words words = kBlocks;
  words.insert(words.end(), {"training.epochs=4", "training.average=0.9",
                             "data.cache=" + (folder / "decoded").string()});
  train("ct-volumes.yaml", words);
  EXPECT_GE(auroc("ct-volumes", "pathology"), 0.9);
  const auto judged = pipeline::CtNetworks::load(models(), scorecard())
                          .judge(draw_chest(100, DrawnOpacity::none).hu, scorecard(), {});
  ASSERT_EQ(judged.opinions.size(), 1u);
  EXPECT_EQ(judged.opinions.front().model, "ct-volumes");
  EXPECT_TRUE(judged.opinions.front().probability);
  ASSERT_TRUE(judged.embedding.has_value());
  EXPECT_EQ(judged.embedding->model, "ct-volumes");
}

// A site with few labels: an encoder that somebody trained, its embeddings, a head on them, and
// what both say of a chest that neither has seen.
TEST_F(TrainVolumes, AHeadOnTheirEmbeddingsSpeaksOfNewVolumes) {
  constexpr int kStudies = 40;
  draw_studies(kStudies);
  Words words = kBlocks;
  words.emplace_back("training.epochs=2");
  train("ct-volumes.yaml", words);
  pipeline::Options options;
  options.models = models();
  std::vector<fs::path> files;
  for (int i = 0; i < kStudies; ++i) files.push_back(folder / "studies" / study_name(i));
  const pipeline::LearnedModel encoder =
      pipeline::load_learned_model(options, "ct-volumes", pipeline::run_options(options.models));
  const pipeline::EmbeddingIndex index =
      pipeline::embed_cases(pipeline::expand_inputs(files), encoder,
                            {.normalise = true, .gate = pipeline::Gate::off}, options);
  ASSERT_EQ(index.ids.size(), static_cast<std::size_t>(kStudies));
  pipeline::write_index(folder / "embeddings.safetensors", index);
  std::ofstream csv(folder / "labels.csv");
  csv << "study_id,status\n";
  for (int i = 0; i < kStudies; ++i)
    csv << index.ids[static_cast<std::size_t>(i)] << ','
        << (opacity_of(i) == DrawnOpacity::none ? "normal" : "pathology") << '\n';
  csv.close();
  train("head-binary.yaml",
        {"data.embeddings=" + (folder / "embeddings.safetensors").string(),
         "data.label_columns=status", "run.folder=" + (folder / "head").string()});
  fs::rename(folder / "head/head-binary", run() / "head-binary");

  const auto networks = pipeline::CtNetworks::load(models(), scorecard());
  const auto said = [&](int number, DrawnOpacity opacity) {
    const auto judged = networks.judge(draw_chest(number, opacity).hu, scorecard(), {});
    EXPECT_EQ(judged.opinions.size(), 2u);
    EXPECT_EQ(judged.opinions.back().model, "head-binary");
    return judged.opinions.back().probability.value_or(-1);
  };
  int right = 0;
  for (int i = 100; i < 110; ++i) {
    const double well = said(i, DrawnOpacity::none), sick = said(i + 100, DrawnOpacity::left);
    EXPECT_GE(std::min(well, sick), 0);
    right += sick > well ? 1 : 0;
  }
  EXPECT_GE(right, 9);
}

TEST_F(TrainVolumes, CropsTeachWhereTheLungsAre) {
  constexpr int kStudies = 8;
  std::ofstream csv(folder / "labels.csv");
  csv << "path,mask\n";
  for (int i = 0; i < kStudies; ++i) {
    draw(i, DrawnOpacity::none);
    csv << study_name(i) << ",m" << study_name(i) << '\n';
  }
  csv.close();
  Words words = small_outliner(64);
  words.emplace_back("training.epochs=3");
  train("ct-segmentation.yaml", words);
  const weights::Manifest model = weights::load_manifest(run() / "ct-segmentation");
  EXPECT_EQ(model.labels, (Words{"background", "lung"}));
  EXPECT_GT(model.json.at("metrics").at("test").at("dice").at("lung").get<double>(), 0.7);
  const auto seen = pipeline::CtSegmentation::load(models()).look(
      draw_chest(100, DrawnOpacity::none).hu, scorecard(), {});
  EXPECT_EQ(seen.organs.model, "ct-segmentation");
  ASSERT_EQ(seen.organs.organs.size(), 1u);
  EXPECT_GT(seen.organs.organs.front().volume_ml, 500) << "lungs";
}

TEST_F(TrainVolumes, ReportsFindTheirVolumes) {
  constexpr int kStudies = 72;
  const Words known{"[PAD]", "[UNK]",         "[CLS]", "[SEP]", "[MASK]", "no",   "finding",
                    ".",     "consolidation", "on",    "the",   "left",   "right"};
  std::ofstream vocabulary(folder / "vocab.txt");
  for (const std::string& word : known) vocabulary << word << '\n';
  vocabulary.close();
  const std::map<DrawnOpacity, std::string> reports{
      {DrawnOpacity::none, "No finding."},
      {DrawnOpacity::left, "Consolidation on the left."},
      {DrawnOpacity::right, "Consolidation on the right."}};
  std::map<std::string, DrawnOpacity> truth;
  std::ofstream csv(folder / "labels.csv");
  csv << "path,report\n";
  for (int i = 0; i < kStudies; ++i) {
    const DrawnOpacity opacity = truth[study_name(i)] = static_cast<DrawnOpacity>(i % 3);
    draw(i, opacity);
    csv << study_name(i) << ',' << reports.at(opacity) << '\n';
  }
  csv.close();
  train(
      "ct-clip.yaml",
      {"data.vocabulary=" + (folder / "vocab.txt").string(),
       "data.preparation={\"spacing_mm\": [12, 10, 10], \"low\": -1000, \"high\": 1000, "
       "\"divisor\": 1000, \"padding\": -1}",
       "network.config={\"dim\": 32, \"codebook_size\": 512, \"image_depth\": 24, "
       "\"image_height\": 32, \"image_width\": 32, \"patch_size\": 8, \"temporal_patch_size\": 6, "
       "\"spatial_depth\": 1, \"temporal_depth\": 1, \"dim_head\": 16, \"heads\": 2, \"latent\": "
       "16, \"text_hidden\": 64, \"text_layers\": 1, \"text_heads\": 1, \"text_intermediate\": "
       "64, \"text_positions\": 16}",
       "training.rate=0.001", "training.batch=8", "training.epochs=20", "data.words=16"});
  // Reports of a kind are equal, so a volume has found its own where only equal ones come before
  // it; by chance that is one in three.
  std::map<DrawnOpacity, int> of_kind;
  std::vector<std::pair<DrawnOpacity, int>> ranks;
  for (const auto& row :
       learn::read_table(run() / "retrieval.csv", {"study_id", "split", "rank"})) {
    if (row.at("split") != "test") continue;
    const DrawnOpacity opacity = truth.at(row.at("study_id"));
    ++of_kind[opacity];
    ranks.emplace_back(opacity, std::stoi(row.at("rank")));
  }
  ASSERT_EQ(ranks.size(), 18u);
  const auto found = std::ranges::count_if(
      ranks, [&](const auto& one) { return one.second <= of_kind.at(one.first); });
  EXPECT_GE(found, 12);
  EXPECT_EQ(weights::load_manifest(run() / "ct-clip").json.at("metrics").at("test").at("pairs"),
            18);
  EXPECT_TRUE(fs::exists(run() / "ct-clip/vocab.txt"));
  // The prompts of zero-shot scoring have words that this vocabulary does not know; what is shown
  // is that the folder is read as a CT-CLIP is.
  const auto judged = pipeline::CtNetworks::load(models(), scorecard())
                          .judge(draw_chest(100, DrawnOpacity::none).hu, scorecard(), {});
  ASSERT_EQ(judged.opinions.size(), 1u);
  EXPECT_EQ(judged.opinions.front().model, "ct-clip");
  ASSERT_TRUE(judged.embedding.has_value());
  EXPECT_EQ(judged.embedding->model, "ct-clip");
}

// Nobody says where a slice lies: which of two is higher is all there is to learn from.
TEST_F(TrainVolumes, TheOrderOfSlicesTeachesWhereTheyLie) {
  constexpr int kStudies = 6;
  std::ofstream csv(folder / "labels.csv");
  csv << "path\n";
  fs::create_directories(folder / "studies");
  for (int i = 0; i < kStudies; ++i) {
    intake::PhantomOptions body;
    body.size = 96;
    body.slice_mm = 5;
    body.low_mm = -140;
    body.high_mm = 175;
    body.body_scale = 0.9 + 0.03 * i;
    body.seed = static_cast<std::uint64_t>(i);
    intake::write_phantom_file(folder / "studies" / study_name(i),
                               intake::encode_nifti(intake::make_phantom(body).hu, true));
    csv << study_name(i) << '\n';
  }
  csv.close();
  const pipeline::TrainingRun learned = train(
      "ct-body-parts.yaml", {"network.config={\"image_size\": 32}", "training.epochs=6",
                             "training.batch=8", "training.rate=0.0005", "training.average=0.9"});
  EXPECT_GT(learned.rows.back().validation_accuracy, 0.8) << "neighbours in order";
  const json metrics = weights::load_manifest(run() / "ct-body-parts").json.at("metrics");
  EXPECT_LT(metrics.at("test").at("lung_ends").get<double>(), 5);

  intake::PhantomOptions other;
  other.size = 96;
  other.slice_mm = 5;
  other.seed = 100;
  const auto opinion =
      pipeline::CtBodyPart::load(models()).look(intake::make_phantom(other).hu, {});
  ASSERT_TRUE(opinion);
  EXPECT_THAT(opinion->part, HasSubstr("CHEST"));
  EXPECT_FALSE(opinion->scores.head_first);
}

/// Losses of training and validation, by epoch.
std::vector<std::pair<double, double>> losses_of(const pipeline::TrainingRun& run) {
  std::vector<std::pair<double, double>> losses;
  for (const learn::EpochRow& row : run.rows)
    losses.emplace_back(row.train_loss, row.validation_loss);
  return losses;
}

// Each of the two has half of every batch; norms see their half, as the parts of one process do.
// The second process is a fork, made before libtorch is loaded.
TEST_F(TrainVolumes, TwoProcessesLearnAsOneWithTheDoubledBatch) {
  draw_studies(12);
  const auto words = [&](Words more) {
    more.insert(more.begin(), kBlocks.begin(), kBlocks.end());
    more.emplace_back("training.epochs=2");
    return more;
  };
  const auto of_process = [&](int process) {
    return words({"training.batch=2", "training.parts=1", "training.processes=2",
                  "training.process=" + std::to_string(process),
                  "training.meeting=" + (folder / "meeting").string(),
                  "run.folder=" + (folder / ("run" + std::to_string(process))).string()});
  };
  const pid_t other = fork();
  ASSERT_GE(other, 0);
  if (other == 0) {
    try {
      train("ct-volumes.yaml", of_process(1));
      _exit(0);
    } catch (const std::exception& problem) {
      std::fprintf(stderr, "%s\n", problem.what());
      _exit(1);
    }
  }
  const auto together = losses_of(train("ct-volumes.yaml", of_process(0)));
  int status = 0;
  ASSERT_EQ(waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  const auto alone =
      losses_of(train("ct-volumes.yaml", words({"training.batch=4", "training.parts=2"})));
  ASSERT_EQ(together.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_NEAR(together[i].first, alone[i].first, 1e-5) << "epoch " << i + 1;
    EXPECT_NEAR(together[i].second, alone[i].second, 1e-5) << "epoch " << i + 1;
  }
  EXPECT_TRUE(fs::exists(folder / "run0/ct-volumes/model.json"));
  EXPECT_FALSE(fs::exists(folder / "run1/ct-volumes")) << "only process 0 keeps the run";
}

TEST_F(TrainVolumes, SayWhatDoesNotFit) {
  draw_studies(6);
  const auto expect = [&](const std::string& config, const Words& words, const std::string& said) {
    try {
      train(config, words);
      ADD_FAILURE() << said;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(said));
    }
  };
  expect("ct-slabs.yaml", {"training.loss=cross_entropy"}, "training.loss");
  expect("ct-slabs.yaml", {"data.series={}"}, "input");
  expect("ct-slabs.yaml", {"data.path_column=file"}, "file");
  expect("ct-volumes.yaml", {"network.config={}"}, "network.config");
  expect("ct-body-parts.yaml", {"training.loss=cross_entropy"}, "training.loss");
  expect("ct-body-parts.yaml", {"slices.nearest=200"}, "slices.nearest");
  expect("ct-body-parts.yaml", {"slices.count=2", "slices.even=1"}, "slices.count");
  expect("ct-body-parts.yaml", {"slices.count=64"}, "slices.count");
  expect("ct-reports.yaml", {}, "network.backbone");
  expect("ct-reports.yaml", {"network.backbone=nobody"}, "nobody");
}

}  // namespace
}  // namespace thorax
