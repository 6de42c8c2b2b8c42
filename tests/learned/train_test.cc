// thorax train, as a user runs it, on drawn pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cli/run_thorax.h"
#include "intake/phantom_xray.h"
#include "support/temporary_folder.h"
#include "weights/manifest.h"
#include "weights/safetensors.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

constexpr int kSide = 32;

/// Stripes across or down, at another place and of another brightness each.
void draw_stripes(const fs::path& path, bool down, int number, bool mirrored = false) {
  volume::Image image;
  image.height = image.width = kSide;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      image.pixels.push_back(((down ? (mirrored ? kSide - 1 - x : x) : y) + number) / 4 % 2 == 0
                                 ? 800.0F
                                 : 2200.0F + 40.0F * static_cast<float>(number));
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << intake::encode_xray_png(image);
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class TrainCommand : public testing::Test {
 protected:
  TrainCommand() {
    for (int i = 0; i < 30; ++i)
      for (const bool down : {false, true})
        draw_stripes(folder.path() / "pictures" / (down ? "DOWN" : "ACROSS") /
                         ("p" + std::to_string(i / 2) + (down ? "d" : "a") + "_" +
                          std::to_string(i) + ".png"),
                     down, i);
    config =
        folder.write("config.yaml", "run:\n  folder: " + (folder / "run").string() +
                                        "\n  name: stripes\n  licence: CC0-1.0\n"
                                        "data:\n  source: " +
                                        (folder / "pictures").string() +
                                        "\n  patient: '^(p\\d+[ad])_'\n  size: 16\n"
                                        "  validation: 0.2\n  test: 0.2\n"
                                        "network:\n  id: vit\n"
                                        "  config: '{\"hidden\": 16, \"layers\": 1, \"heads\": 2, "
                                        "\"intermediate\": 32, \"patch_size\": 4}'\n"
                                        "training:\n  epochs: 25\n  batch: 8\n  rate: 0.004\n"
                                        "  average: 0.9\n");
  }
  Ended train(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), {"train", config.string()});
    return run_thorax(words);
  }

  TemporaryFolder folder;
  fs::path config;
};

TEST_F(TrainCommand, LearnsKeepsPatientsApartAndLeavesAModel) {
  const Ended run = train();
  ASSERT_EQ(run.exit_code, 0) << run.err;

  std::map<std::string, std::set<std::string>> splits;
  for (const std::string& line : lines_of(folder / "run/splits.csv")) {
    std::istringstream fields(line);
    std::string path, patient, label, split;
    std::getline(fields, path, ',');
    std::getline(fields, patient, ',');
    std::getline(fields, label, ',');
    std::getline(fields, split, ',');
    splits[patient].insert(split);
  }
  EXPECT_EQ(splits.size(), 31U);  // with the line of names
  for (const auto& [patient, met] : splits) EXPECT_EQ(met.size(), 1U) << patient;
  EXPECT_EQ(lines_of(folder / "run/metrics.csv").size(), 26U);

  int right = 0, all = 0;
  for (const std::string& line : lines_of(folder / "run/predictions.csv")) {
    if (line.find(",test,none,") == std::string::npos) continue;
    const std::string rest = line.substr(line.find(",test,none,") + 11);
    const std::size_t comma = rest.find(','), second = rest.find(',', comma + 1);
    const double across = std::stod(rest.substr(comma + 1)),
                 down = std::stod(rest.substr(second + 1));
    right += (rest.substr(0, comma) == "DOWN") == (down > across);
    ++all;
  }
  EXPECT_EQ(all, 12);
  EXPECT_GE(right, 11);

  const weights::Manifest model = weights::load_manifest(folder / "run/stripes");
  EXPECT_EQ(model.labels, (std::vector<std::string>{"ACROSS", "DOWN"}));
  EXPECT_EQ(model.json.at("preprocessing"), "radiograph");
  EXPECT_GT(model.json.at("calibration").at("temperature").get<double>(), 0);
  const Ended asked = run_thorax({"infer", (folder / "pictures/DOWN/p3d_7.png").string(), "--model",
                                  "stripes", "--models", (folder / "run").string(), "--json"});
  EXPECT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_THAT(asked.out, HasSubstr("\"prediction\":\"DOWN\""));
}

TEST_F(TrainCommand, ItsAnswersAreCentredInTheTableAndInTheFolder) {
  // Hardly trained, so that its answers lie near one half and lean to one side.
  ASSERT_EQ(train({"training.epochs=1"}).exit_code, 0);
  const auto shift = weights::load_manifest(folder / "run/stripes")
                         .json.at("trained")
                         .at("centred")
                         .get<std::vector<double>>();
  ASSERT_EQ(shift.size(), 2u);
  EXPECT_GT(std::abs(shift[1] - shift[0]), 0.05);
  std::map<bool, int> of_class;
  std::map<bool, double> mean;
  std::string first;
  double first_apart = 0;
  for (const std::string& line : lines_of(folder / "run/predictions.csv")) {
    if (line.find(",validation,none,") == std::string::npos) continue;
    std::istringstream fields(line);
    std::vector<std::string> row;
    for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
    const double apart = std::stod(row.at(6)) - std::stod(row.at(5));
    if (first.empty()) first = row.at(0), first_apart = apart;
    const bool down = row.at(4) == "DOWN";
    ++of_class[down];
    mean[down] += apart;
  }
  // Of both classes alike, neither side is leant to.
  EXPECT_NEAR(mean[false] / of_class[false] + mean[true] / of_class[true], 0, 0.02);
  const Ended infer = run_thorax({"infer", (folder / "pictures" / first).string(), "--model",
                                  "stripes", "--models", (folder / "run").string(), "--json"});
  const auto answer = nlohmann::json::parse(infer.out);
  EXPECT_EQ(answer.at("prediction"), first_apart > 0 ? "DOWN" : "ACROSS");
  EXPECT_NEAR(std::stod(answer.at("confidence").get<std::string>()),
              1 / (1 + std::exp(-std::abs(first_apart))), 2e-4);
}

TEST_F(TrainCommand, LeavesAModelThatKnowsItsTrainingPictures) {
  for (int i = 0; i < 8; ++i) {  // a corner that is bright: no stripes
    volume::Image image;
    image.height = image.width = kSide;
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < kSide; ++x) image.pixels.push_back(x + y < 12 + i ? 3000.0F : 500.0F);
    fs::create_directories(folder / "corners");
    std::ofstream(folder / ("corners/" + std::to_string(i) + ".png"), std::ios::binary)
        << intake::encode_xray_png(image);
  }
  const Ended run = train({"training.epochs=2", "data.false_alarms=0.2",
                           "data.others=" + (folder / "corners").string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const weights::Manifest model = weights::load_manifest(folder / "run/stripes");
  EXPECT_TRUE(weights::altered_files(folder / "run/stripes", model).empty());
  const nlohmann::json& novelty = model.json.at("novelty");
  EXPECT_EQ(novelty.at("false_alarm_rate"), 0.2);
  EXPECT_GT(novelty.at("limit").get<double>(), 0);
  EXPECT_EQ(novelty.at("measured").at("test").at("pictures"), 12);
  EXPECT_EQ(novelty.at("measured").at("corners").at("pictures"), 8);
  EXPECT_GT(novelty.at("measured").at("corners").at("auroc").get<double>(), 0.9);
  EXPECT_THAT(lines_of(folder / "run/evaluation.md"), testing::Contains(HasSubstr("## Heat maps")));
  const nlohmann::json& heat = model.json.at("heat_map");
  EXPECT_GT(heat.at("pictures").get<int>(), 0);
  EXPECT_THAT(lines_of(folder / "run/evaluation.md"),
              testing::Contains(HasSubstr("| corners | 8")));
}

TEST_F(TrainCommand, ComparesWithPicturesOfAnotherSource) {
  for (int i = 0; i < 6; ++i)
    for (const bool down : {false, true})
      draw_stripes(
          folder.path() / "elsewhere" / (down ? "DOWN" : "ACROSS") / (std::to_string(i) + ".png"),
          down, i + 40);
  const Ended run = train({"data.external=" + (folder / "elsewhere").string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<std::string> page = lines_of(folder / "run/evaluation.md");
  EXPECT_THAT(page, testing::Contains("## Another source: elsewhere"));
  EXPECT_THAT(page, testing::Contains(HasSubstr("12 pictures")));
  // A network that has learned stripes knows them whatever the source of either class.
  EXPECT_THAT(page, testing::Contains("Their ACROSS changed, DOWN of validation as they are:"));
  for (const std::string row : {"| all of them | ", "| their ACROSS, DOWN of test | ",
                                "| ACROSS of validation, their DOWN | "}) {
    const auto found =
        std::ranges::find_if(page, [&](const std::string& line) { return line.starts_with(row); });
    ASSERT_NE(found, page.end()) << row;
    EXPECT_GT(std::stod(found->substr(row.size())), 0.8) << *found;
  }
}

TEST_F(TrainCommand, RefusesAnotherSourceOfOtherClasses) {
  draw_stripes(folder.path() / "elsewhere/DOWN/1.png", true, 1);
  draw_stripes(folder.path() / "elsewhere/SLANTED/1.png", false, 1);
  const Ended run =
      train({"training.epochs=1", "data.external=" + (folder / "elsewhere").string()});
  EXPECT_EQ(run.exit_code, 65) << run.err;
  EXPECT_THAT(run.err, HasSubstr("data.external"));
  EXPECT_FALSE(fs::exists(folder / "run/last.safetensors"));  // before an hour of training
}

TEST_F(TrainCommand, TrainsFirstTheTeachersThatAreConfigurations) {
  folder.write("teacher.yaml",
               "extends: config.yaml\nrun:\n  name: teacher\ndata:\n  size: 8\n  test: 0.1\n"
               "training:\n  epochs: 3\n");
  const std::vector<std::string> words{"training.epochs=1", "training.teachers=teacher.yaml"};
  const Ended run = train(words);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, testing::AllOf(HasSubstr("3/3"), HasSubstr("1/1")));
  const fs::path taught = folder / "run/teachers/teacher";
  EXPECT_EQ(weights::load_manifest(taught / "teacher").json.at("image_size"), 8);
  EXPECT_EQ(lines_of(taught / "splits.csv"), lines_of(folder / "run/splits.csv"))
      << "what the pupil is tested on, its teacher has not seen";
  EXPECT_FALSE(fs::exists(taught / "evaluation.md"));
  EXPECT_TRUE(fs::exists(folder / "run/evaluation.md"));
  const Ended again = train(words);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, testing::Not(HasSubstr("3/3"))) << "nobody is trained twice";
}

TEST_F(TrainCommand, TrainsOnceATeacherThatAnotherStartsFrom) {
  folder.write("first.yaml", "extends: config.yaml\nrun:\n  name: first\n");
  folder.write("second.yaml",
               "extends: config.yaml\nrun:\n  name: second\nnetwork:\n  start: first.yaml\n");
  const Ended run = train({"training.epochs=1", "training.teachers=second.yaml",
                           "network.start=first.yaml, second.yaml", "run.evaluation=false"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(fs::exists(folder / "run/teachers/first/first/model.json"));
  EXPECT_TRUE(fs::exists(folder / "run/teachers/second/second/model.json"));
  EXPECT_FALSE(fs::exists(folder / "run/teachers/second/teachers"));
}

TEST_F(TrainCommand, APupilMayStartFromWhatItsTeacherKnows) {
  folder.write("teacher.yaml", "extends: config.yaml\nrun:\n  name: teacher\n");
  // At a rate of 0 it ends where it started.
  const Ended run =
      train({"training.epochs=1", "training.rate=0", "training.average=0", "run.keep_last=true",
             "training.teachers=teacher.yaml", "network.start=teacher.yaml"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto weights_of = [&](const fs::path& model) {
    const weights::Manifest manifest = weights::load_manifest(folder / model);
    return weights::read_safetensors(folder / model / manifest.weights).tensors;
  };
  const auto pupil = weights_of("run/stripes"),
             teacher = weights_of("run/teachers/teacher/teacher");
  for (const auto& [key, tensor] : teacher) {
    if (key == "classifier.bias") continue;  // each is centred for itself
    EXPECT_EQ(pupil.at(key).to_float(), tensor.to_float()) << key;
  }
}

TEST_F(TrainCommand, LearnsWithoutLabelsAndBeginsWithThat) {
  draw_stripes(folder.path() / "more/1.png", true, 5);
  draw_stripes(folder.path() / "more/2.png", false, 6);
  folder.write("views.yaml",
               "extends: config.yaml\nrun:\n  name: views\ndata:\n  recipe: views\n"
               "training:\n  loss: contrastive\n  epochs: 3\n");
  const std::vector<std::string> words{"training.epochs=1",
                                       "training.rate=0",
                                       "training.average=0",
                                       "run.keep_last=true",
                                       "network.start=views.yaml",
                                       "network.start_without=classifier.",
                                       "data.unlabelled=" + (folder / "more").string()};
  const Ended run = train(words);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const fs::path views = folder / "run/teachers/views";
  const auto own = nlohmann::json::parse(std::ifstream(views / "run.json"));
  EXPECT_EQ(own.at("pictures").at("train").at("unlabelled"), 2);
  EXPECT_EQ(own.at("pictures").at("test").size(), 2u) << "ACROSS and DOWN";
  // What was not in its training is found again among as many others.
  EXPECT_EQ(lines_of(views / "retrieval.csv").size(), 25u);
  const weights::Manifest model = weights::load_manifest(views / "views");
  EXPECT_EQ(model.task, "xray-embedding");
  EXPECT_EQ(model.json.at("metrics").at("test").at("pairs"), 12);
  EXPECT_TRUE(fs::exists(views / "views/CARD.md"));
  const auto values = [&](const fs::path& folder_of) {
    return weights::read_safetensors(folder_of / "weights.safetensors").tensors;
  };
  const auto pupil = values(folder / "run/stripes"), given = values(views / "views");
  for (const auto& [key, tensor] : given)
    if (!key.starts_with("classifier.")) {
      EXPECT_EQ(pupil.at(key).to_float(), tensor.to_float()) << key;
    }
  // The model embeds, and heads can learn from that.
  const Ended embedded =
      run_thorax({"embed", (folder / "more").string(), "--model", "views", "--models",
                  views.string(), "--out", (folder / "index.safetensors").string(), "--no-gate"});
  EXPECT_EQ(embedded.exit_code, 0) << embedded.err;
}

TEST_F(TrainCommand, LearningWithoutLabelsRefusesWhatItDoesNotNeed) {
  EXPECT_THAT(train({"data.recipe=views"}).err, HasSubstr("training.loss"));
  EXPECT_THAT(train({"data.recipe=views", "training.loss=contrastive", "training.batch=3"}).err,
              HasSubstr("training.batch"));
  EXPECT_THAT(train({"data.recipe=views", "training.loss=contrastive", "network.id=slab_cnn"}).err,
              HasSubstr("network.id"));
}

TEST_F(TrainCommand, AModelThatLooksAtMirrorImagesTooAnswersBothAlike) {
  const Ended run =
      train({"training.epochs=1", "run.mirrored=true", "run.evaluation=false", "run.weights=int8"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(weights::read_safetensors(folder / "run/stripes/weights.safetensors")
                  .tensors.contains("vit.embeddings.patch_embeddings.projection.weight.scale"));
  EXPECT_EQ(weights::load_manifest(folder / "run/stripes").config.at("mirrored"), true);
  // The same stripes, from left to right and from right to left.
  draw_stripes(folder.path() / "both/DOWN/1.png", true, 4);
  draw_stripes(folder.path() / "both/DOWN/2.png", true, 4, /*mirrored=*/true);
  const fs::path table = folder / "answers.csv";
  const Ended asked =
      run_thorax({"infer", (folder / "both").string(), "--model", "stripes", "--models",
                  (folder / "run").string(), "--table", table.string()});
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  const std::vector<std::string> lines = lines_of(table);
  ASSERT_EQ(lines.size(), 3u);
  const auto numbers = [](const std::string& line) { return line.substr(line.find("DOWN,")); };
  EXPECT_EQ(numbers(lines[1]), numbers(lines[2]));
}

TEST_F(TrainCommand, RefusesMirrorImagesOfWhatHasNone) {
  const Ended run = train({"run.mirrored=true", "network.id=slab_cnn"});
  EXPECT_EQ(run.exit_code, 64) << run.err;
  EXPECT_THAT(run.err, HasSubstr("run.mirrored"));
}

TEST_F(TrainCommand, StylesAreExchangedWhileItLearnsAndTheModelKnowsNothingOfIt) {
  const auto hash = [&](const std::string& name, const std::string& styles) {
    const fs::path run = folder / name;
    const Ended ended =
        train({"training.epochs=1", "run.evaluation=false", styles, "run.folder=" + run.string(),
               "network.id=resnet", "network.config={\"blocks\": [1, 1, 1, 1]}"});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    const weights::Manifest model = weights::load_manifest(run / "stripes");
    EXPECT_FALSE(model.config.contains("mix_style"));
    return model.files.front().sha256;
  };
  const std::string once = hash("once", "training.mix_style=true");
  EXPECT_EQ(hash("again", "training.mix_style=true"), once);
  EXPECT_NE(hash("without", "training.mix_style=false"), once);
  EXPECT_THAT(train({"training.mix_style=true"}).err, HasSubstr("training.mix_style"));
}

TEST_F(TrainCommand, RefusesAConfigurationThatTeachesItself) {
  folder.write("circle.yaml", "extends: config.yaml\ntraining:\n  teachers: circle.yaml\n");
  const Ended run = run_thorax({"train", (folder / "circle.yaml").string()});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("training.teachers"));
}

TEST_F(TrainCommand, SuggestsTheSettingThatWasMeant) {
  const Ended run = train({"training.epoch=3"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("UNKNOWN_SETTING"));
  EXPECT_THAT(run.err, HasSubstr("training.epochs"));
}

TEST_F(TrainCommand, RefusesARunOfOtherSettingsInItsFolder) {
  ASSERT_EQ(train({"training.epochs=1"}).exit_code, 0);
  const Ended other = train({"training.epochs=2"});
  EXPECT_EQ(other.exit_code, 73);
  EXPECT_THAT(other.err, HasSubstr("RUN_DIFFERS"));
}

TEST_F(TrainCommand, ChecksWhatTheManifestIsToHoldBeforeItBegins) {
  const Ended run = train({"run.manifest={"});
  EXPECT_EQ(run.exit_code, 64);
  EXPECT_THAT(run.err, HasSubstr("run.manifest"));
  EXPECT_FALSE(fs::exists(folder / "run"));
}

TEST_F(TrainCommand, SaysWhatDataItCannotUse) {
  fs::remove_all(folder / "pictures/DOWN");
  EXPECT_THAT(train().err, HasSubstr("BAD_TRAINING_DATA"));
  EXPECT_EQ(train({"data.source=" + (folder / "absent").string()}).exit_code, 66);
  EXPECT_THAT(train({"data.patient=("}).err, HasSubstr("data.patient"));
}

}  // namespace
}  // namespace thorax
