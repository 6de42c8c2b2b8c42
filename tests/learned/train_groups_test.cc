// thorax train with data.groups, as a user runs it: an even grey for each class, and
// machines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "intake/phantom_xray.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace testing_support;

class TrainInGroups : public testing::Test {
 protected:
  TrainInGroups() {
    std::string groups = "path,group\n";
    for (int i = 0; i < 40; ++i) {
      const bool sick = i % 2 == 1;
      const std::string name = std::to_string(i) + ".png";
      volume::Image image;
      image.height = image.width = 16;
      image.pixels.assign(256, sick ? 3000.0F + static_cast<float>(i) : 500.0F);
      image.pixels[static_cast<std::size_t>(i)] = 4095;
      const fs::path kind = folder / "pictures" / (sick ? "SICK" : "HEALTHY");
      fs::create_directories(kind);
      std::ofstream(kind / name, std::ios::binary) << intake::encode_xray_png(image);
      groups += name + (i < 8 ? ",portable\n" : ",fixed\n");
    }
    folder.write("groups.csv", groups);
    arguments = {
        "train",
        folder.write("config.yaml", "run:\n  name: greys\n").string(),
        "data.source=" + (folder / "pictures").string(),
        "data.size=16",
        "data.validation=0.3",
        "data.test=0.3",
        "run.folder=" + (folder / "run").string(),
        "run.licence=CC0-1.0",
        "network.id=vit",
        "network.config={\"hidden\": 16, \"layers\": 1, \"heads\": 2, \"intermediate\": 32, "
        "\"patch_size\": 8}",
        "training.epochs=1",
        "training.batch=8",
        "data.groups=groups.csv"};
  }

  TemporaryFolder folder;
  std::vector<std::string> arguments;
};

TEST_F(TrainInGroups, SaysWhichGroupAPictureIsOfAndHowGoodItIsInEach) {
  const Ended run = run_thorax(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.err;

  const std::string predictions = read_file(folder / "run/predictions.csv");
  EXPECT_THAT(predictions.substr(0, predictions.find('\n')),
              HasSubstr("class,group,logit_HEALTHY"));
  EXPECT_NE(predictions.find(",SICK,fixed,"), std::string::npos);
  EXPECT_THAT(read_file(folder / "run/evaluation.md"), HasSubstr("| HEALTHY of group fixed |"));
}

TEST_F(TrainInGroups, NeedsATableOfThePictures) {
  folder.write("groups.csv", "path,group\nother.png,fixed\n");
  const Ended run = run_thorax(arguments);
  EXPECT_EQ(run.exit_code, 65) << run.err;
  EXPECT_THAT(run.err, HasSubstr("lists none of the pictures"));

  arguments.emplace_back("data.recipe=views");
  const Ended views = run_thorax(arguments);
  EXPECT_EQ(views.exit_code, 64) << views.err;
  EXPECT_THAT(views.err, HasSubstr("data.recipe: pictures"));
}

}  // namespace
}  // namespace thorax
