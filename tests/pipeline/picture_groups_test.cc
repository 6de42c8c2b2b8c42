#include "pipeline/picture_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using testing::ElementsAre;
using thorax::testing_support::TemporaryFolder;

TEST(PictureGroups, ComeFromTheTableWhateverFoldersLieAbove) {
  const TemporaryFolder folder;
  const auto table = folder.write("groups.csv", "path,group\na/1.png,fixed\n2.png,portable\n");
  EXPECT_THAT(picture_groups(table, {"a/1.png", "all/a/1.png", "b/2.png", "a/3.png"}),
              ElementsAre("fixed", "fixed", "portable", ""));
}

TEST(PictureGroups, NeedATableThatListsThePictures) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& text) {
    return testing_support::code_of([&] {
             picture_groups(folder.write("groups.csv", text), {"1.png"});
           }) == "bad_training_data"_code;
  };
  EXPECT_TRUE(refused("path,group\n2.png,fixed\n"));
  EXPECT_TRUE(refused("path,machine\n1.png,fixed\n"));
  EXPECT_FALSE(refused("path,group\n1.png,fixed\n"));
}

}  // namespace
}  // namespace thorax::pipeline
