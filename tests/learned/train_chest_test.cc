// thorax train with data.frame=chest, as a user runs it, on drawn bodies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "cli/run_thorax.h"
#include "intake/phantom_xray.h"
#include "prepare/drawn_body.h"
#include "support/temporary_folder.h"
#include "weights/manifest.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

void draw_body(const fs::path& path, bool sick, int number) {
  const double more = 0.02 * (number % 5);
  const prepare::Picture picture = prepare::drawn(
      {.top = 0.04, .left = 0, .height = 0.96 - 2 * more, .width = 1 - more}, 64, sick);
  volume::Image image;
  image.height = image.width = 64;
  for (const std::uint8_t level : picture.levels)
    image.pixels.push_back(static_cast<float>(level) * 16);
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << intake::encode_xray_png(image);
}

/// The fields of a table's rows, by the last part of the first.
std::map<std::string, std::vector<std::string>> rows_of(const fs::path& path,
                                                        const std::string& with) {
  std::map<std::string, std::vector<std::string>> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find(with) == std::string::npos) continue;
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, ',');) fields.push_back(field);
    rows[fs::path(fields.at(0)).filename().string()] = fields;
  }
  return rows;
}

class TrainOnChests : public testing::Test {
 protected:
  TrainOnChests() {
    for (int i = 0; i < 20; ++i)
      for (const bool sick : {false, true})
        draw_body(folder.path() / "pictures" / (sick ? "SICK" : "HEALTHY") /
                      ((sick ? "s" : "h") + std::to_string(i) + ".png"),
                  sick, i);
    config =
        folder.write("config.yaml", "run:\n  folder: " + (folder / "run").string() +
                                        "\n  name: bodies\n  licence: CC0-1.0\n"
                                        "data:\n  source: " +
                                        (folder / "pictures").string() +
                                        "\n  size: 32\n  frame: chest\n"
                                        "  validation: 0.2\n  test: 0.2\n"
                                        "network:\n  id: vit\n"
                                        "  config: '{\"hidden\": 16, \"layers\": 1, \"heads\": "
                                        "2, \"intermediate\": 32, \"patch_size\": 8}'\n"
                                        "training:\n  epochs: 12\n  batch: 8\n  rate: 0.004\n");
  }

  TemporaryFolder folder;
  fs::path config;
};

TEST_F(TrainOnChests, TheModelLooksForTheChestAsItsTrainingDid) {
  const Ended run = run_thorax({"train", config.string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const weights::Manifest model = weights::load_manifest(folder / "run/bodies");
  EXPECT_GT(model.json.at("radiograph").at("atlas").get<std::string>().size(), 5000u);

  const fs::path table = folder / "answers.csv";
  const Ended asked =
      run_thorax({"infer", (folder / "pictures").string(), "--model", "bodies", "--models",
                  (folder / "run").string(), "--table", table.string()});
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  std::ifstream file(table);
  std::string names;
  std::getline(file, names);
  std::vector<std::string> columns;
  std::istringstream parts(names);
  for (std::string field; std::getline(parts, field, ',');) columns.push_back(field);
  const auto logit =
      static_cast<std::size_t>(std::ranges::find(columns, "logit_SICK") - columns.begin());
  ASSERT_LT(logit, columns.size()) << names;
  const auto answers = rows_of(table, ".png");
  const auto kept = rows_of(folder / "run/predictions.csv", ",none,");
  ASSERT_EQ(kept.size(), 16u);
  for (const auto& [name, fields] : kept)
    EXPECT_NEAR(std::stod(answers.at(name).at(logit)), std::stod(fields.at(6)), 1e-3) << name;

  // Whole pictures are none that it could teach about.
  const Ended taught = run_thorax({"train", config.string(), "data.frame=whole",
                                   "run.folder=" + (folder / "pupil").string(),
                                   "training.teachers=" + (folder / "run/bodies").string()});
  EXPECT_EQ(taught.exit_code, 64) << taught.err;
  EXPECT_THAT(taught.err, HasSubstr("data.frame=chest"));
}

TEST_F(TrainOnChests, OtherRecipesHaveNone) {
  const Ended run = run_thorax({"train", config.string(), "data.recipe=views"});
  EXPECT_EQ(run.exit_code, 64) << run.err;
  EXPECT_THAT(run.err, HasSubstr("data.frame"));
}

}  // namespace
}  // namespace thorax
