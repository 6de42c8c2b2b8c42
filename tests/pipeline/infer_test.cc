#include "pipeline/infer.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "intake/child_main.h"
#include "pipeline/drawn_model.h"
#include "support/drawn_pictures.h"
#include "support/temporary_folder.h"

namespace thorax::pipeline {
namespace {

using testing::ElementsAre;
using namespace testing_support;

class InferTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { intake::set_child_executable(THORAX_BINARY); }

  /// Two classes: dark below the mean level of 0 (127.5 of 255), bright above.
  LearnedModel model(std::vector<std::int64_t> input = {-1, 3, 4, 4}) {
    LearnedModel made =
        drawn_model("xray-classification", std::make_unique<MeanRunner>(
                                               std::move(input), "logits",
                                               [](float mean) {
                                                 return std::vector<float>{-mean, mean};
                                               },
                                               &batches));
    made.manifest.labels = {"dark", "bright"};
    return made;
  }
  std::vector<PictureAnswer> infer(const LearnedModel& asked) {
    return infer_pictures(expand_inputs({folder.path()}), asked, Options{});
  }

  TemporaryFolder folder;
  std::vector<std::int64_t> batches;
};

TEST_F(InferTest, AnswersStandInTheOrderOfTheFiles) {
  draw_picture(folder / "a.png", 255);
  draw_picture(folder / "sub/c.png", 0);
  const auto answers = infer(model());
  ASSERT_EQ(answers.size(), 2u);
  // Softmax of (-1, 1): 1 / (1 + exp(-2)) = 0.8808.
  EXPECT_EQ(answer_json(answers[0], "torch").dump(),
            R"({"filename":"a.png","mode":"torch","prediction":"bright","confidence":"0.8808"})");
  EXPECT_EQ(answer_json(answers[1], "onnx").dump(),
            R"({"filename":"c.png","mode":"onnx","prediction":"dark","confidence":"0.8808"})");
  EXPECT_EQ(answers[1].picture.id, (folder / "sub/c.png").string());
  ASSERT_FALSE(answers[0].picture.warnings.empty()) << "a blank picture is no chest";
}

TEST_F(InferTest, ABadPictureDoesNotStopTheOthers) {
  draw_picture(folder / "a.png", 255);
  folder.write("b.png", "\x89PNG\r\n\x1a\n and no more");
  draw_picture(folder / "c.png", 0);
  int lost = 0;
  std::vector<std::string> read;
  for (const PictureAnswer& answer : infer(model())) {
    if (!answer.picture.failure) {
      read.push_back(answer.picture.filename);
      continue;
    }
    ++lost;
    EXPECT_EQ(answer.picture.failure->code, "picture_broken"_code);
    EXPECT_EQ(answer.picture.filename, "b.png");
  }
  EXPECT_EQ(lost, 1);
  EXPECT_THAT(read, ElementsAre("a.png", "c.png"));
}

TEST_F(InferTest, PicturesGoInBatches) {
  for (int i = 10; i < 19; ++i) draw_picture(folder / (std::to_string(i) + ".png"), i * 10);
  EXPECT_EQ(infer(model()).size(), 9u);
  EXPECT_THAT(batches, ElementsAre(8, 1));
  batches.clear();
  const auto answers = infer(model({4, 3, 4, 4}));
  EXPECT_THAT(batches, ElementsAre(4, 4, 4)) << "a fixed batch is filled up";
  ASSERT_EQ(answers.size(), 9u);
  EXPECT_EQ(answers[8].prediction, "bright");
}

TEST_F(InferTest, ClassesWithoutLabelsAreNumbers) {
  draw_picture(folder / "a.png", 255);
  LearnedModel asked = model();
  asked.manifest.labels.clear();
  EXPECT_EQ(infer(asked).at(0).prediction, "1");
}

TEST_F(InferTest, AnOutputWithoutNumbersIsAFailure) {
  draw_picture(folder / "a.png", 255);
  draw_picture(folder / "b.png", 0);
  const auto answers = infer(drawn_model(
      "xray-classification", std::make_unique<MeanRunner>(
                                 std::vector<std::int64_t>{-1, 3, 4, 4}, "logits", [](float mean) {
                                   return std::vector<float>{mean, mean > 0 ? NAN : 2.0F};
                                 })));
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_TRUE(answers[0].picture.failure);
  EXPECT_EQ(answers[0].picture.failure->code, "no_numbers"_code);
  EXPECT_FALSE(answers[1].picture.failure);
}

TEST_F(InferTest, OtherModelsAreRefused) {
  draw_picture(folder / "a.png", 255);
  const auto row = [](float mean) { return std::vector<float>{mean, 0}; };
  const std::vector<std::int64_t> pictures{-1, 3, 4, 4};
  EXPECT_THROW(
      infer(drawn_model("ct-findings", std::make_unique<MeanRunner>(pictures, "logits", row))),
      Error);
  EXPECT_THROW(infer(drawn_model("xray-classification",
                                 std::make_unique<MeanRunner>(pictures, "embedding", row))),
               Error);
  EXPECT_THROW(infer(model({-1, 5})), Error) << "it takes no pictures";
  LearnedModel unknown = model();
  unknown.manifest.json["preprocessing"] = "fourier";
  EXPECT_THROW(infer(unknown), Error);
}

}  // namespace
}  // namespace thorax::pipeline
