#include "pipeline/training_evaluation.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "learn/augment.h"
#include "support/temporary_folder.h"
#include "weights/manifest.h"

namespace thorax::pipeline {
namespace {

using testing::HasSubstr;
using testing::Not;
using thorax::testing_support::TemporaryFolder;

constexpr std::size_t kEach = 4;  ///< pictures of a class in a split

/// Pictures 0 … 3 are NORMAL and 4 … 7 SICK in validation, 8 … 15 the same in test.
struct Pictures {
  learn::PictureSet set;
  std::vector<learn::Split> splits;

  Pictures() {
    set.classes = {"NORMAL", "SICK"};
    for (const learn::Split split : {learn::Split::validation, learn::Split::test})
      for (const int label : {0, 1})
        for (std::size_t i = 0; i < kEach; ++i) {
          set.names.push_back(std::to_string(set.names.size()));
          set.patients.push_back(set.names.back());
          set.labels.push_back(label);
          splits.push_back(split);
        }
  }
};

/// Every picture is ranked right under every shift, but `moved` makes each look sicker than any
/// picture that is not moved.
std::vector<Prediction> answers(const Pictures& pictures, std::string_view moved) {
  std::vector<Prediction> all;
  for (std::size_t shift = 0; shift < learn::shifts().size(); ++shift)
    for (std::size_t i = 0; i < pictures.set.count(); ++i) {
      const float sick = (pictures.set.labels[i] == 1 ? 2.0F : -2.0F) +
                         (learn::shifts()[shift].name == moved ? 5.0F : 0.0F);
      all.push_back({i, shift, {0, sick}});
    }
  return all;
}

std::string evaluation_of(std::string_view moved, const std::vector<std::string>& groups = {}) {
  const TemporaryFolder folder;
  weights::Manifest manifest;
  manifest.name = "drawn";
  manifest.version = "1.0.0";
  manifest.task = "xray-classification";
  manifest.licence = "CC0-1.0";
  manifest.network = "resnet";
  manifest.config = nlohmann::json::object();
  manifest.weights = "weights.safetensors";
  manifest.files = {weights::describe_file(folder.write("weights.safetensors", "none"))};
  manifest.labels = {"NORMAL", "SICK"};
  manifest.json = {{"calibration", {{"temperature", 1.0}}}, {"kind", "network"}};
  weights::write_manifest(folder.path(), manifest);
  Pictures pictures;
  pictures.set.groups = groups;
  write_evaluation(folder.path(), folder.path(), answers(pictures, moved), pictures.set,
                   pictures.splits, "");
  return read_file(folder.path() / "evaluation.md");
}

TEST(TrainingEvaluation, ShowsEachGroupAgainstTheOtherClass) {
  // One normal picture and two sick ones of each split are of a portable machine.
  std::vector<std::string> groups(4 * kEach, "fixed");
  for (const std::size_t first : {std::size_t{0}, 2 * kEach})
    for (const std::size_t place : {first + 1, first + kEach, first + kEach + 2})
      groups[place] = "portable";
  const std::string text = evaluation_of("", groups);
  EXPECT_THAT(text, HasSubstr("## validation, by group"));
  EXPECT_THAT(text, HasSubstr("| NORMAL of group portable | 1 | 1.0000"));
  EXPECT_THAT(text, HasSubstr("| NORMAL of group fixed | 3 | 1.0000"));
  EXPECT_THAT(text, HasSubstr("| SICK of group portable | 2 | 1.0000"));
  EXPECT_THAT(evaluation_of(""), Not(HasSubstr("by group")));
}

TEST(TrainingEvaluation, ShowsWhatANetworkLeansOnBesidesTheDisease) {
  const std::string text = evaluation_of("tall");
  EXPECT_THAT(text, HasSubstr("## test, one class changed"));
  EXPECT_THAT(text, HasSubstr("| tall | 0.0000 (0.0000 to 0.0000) | 1.0000 (1.0000 to 1.0000) |"));
  EXPECT_THAT(text, HasSubstr("| wide | 1.0000 (1.0000 to 1.0000) | 1.0000 (1.0000 to 1.0000) |"));
  EXPECT_THAT(text, HasSubstr("Worst AUROC of validation: 0.0000 (tall, NORMAL only)."));
  EXPECT_THAT(text, HasSubstr("Worst AUROC of test: 0.0000 (tall, NORMAL only)."));
}

TEST(TrainingEvaluation, FindsNothingToLeanOnWhereAnswersStay) {
  const std::string text = evaluation_of("");
  EXPECT_THAT(text, HasSubstr("Worst AUROC of validation: 1.0000"));
  EXPECT_THAT(text, Not(HasSubstr("0.0000 (0.0000 to 0.0000)")));
}

}  // namespace
}  // namespace thorax::pipeline
