// thorax export as a user runs it, with the model that ships.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "support/drawn_pictures.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using namespace testing_support;

double confidence(const std::string& picture, const std::string& model, const std::string& models) {
  const Ended run = run_thorax({"infer", picture, "--model", model, "--models", models, "--json"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto answer = nlohmann::json::parse(run.out);
  EXPECT_EQ(answer.at("mode"), model == "exported" ? "onnx" : "torch");
  return std::stod(answer.at("confidence").get<std::string>());
}

TEST(ExportCommand, ExportedModelAnswersWhatTheModelAnswers) {
  const TemporaryFolder folder;
  const std::string shipped = std::string(THORAX_SOURCE_DIR) + "/models";
  const std::string exported = (folder / "exported").string();
  const Ended run = run_thorax({"export", "xray-pneumonia", "--to", "onnx", "--out", exported,
                                "--batches", "1,3", "--models", shipped});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("logits"), HasSubstr("embedding"), HasSubstr("exported")));
  draw_picture(folder / "in/a.png", 120);
  const std::string picture = (folder / "in/a.png").string();
  // Printed with four digits.
  EXPECT_NEAR(confidence(picture, "exported", folder.path().string()),
              confidence(picture, "xray-pneumonia", shipped), 1.01e-4);
}

TEST(ExportCommand, SaysThatOnnxRuntimeIsAbsent) {
  const TemporaryFolder folder;
  const std::string absent = (folder / "libonnxruntime.so.1").string();
  const Ended run =
      run_thorax({"export", "xray-pneumonia", "--to", "onnx", "--out", (folder / "out").string(),
                  "--models", std::string(THORAX_SOURCE_DIR) + "/models"},
                 {{"THORAX_ONNXRUNTIME", absent}});
  EXPECT_LT(run.exit_code, 128) << "ended by a signal";
  EXPECT_THAT(run.err, AllOf(HasSubstr("NO_ENGINE"), HasSubstr(absent)));
}

TEST(ExportCommand, SaysInTheCardWhatTheFormCostsOnPictures) {
  const TemporaryFolder folder;
  const std::string shipped = std::string(THORAX_SOURCE_DIR) + "/models";
  for (int i = 0; i < 4; ++i)
    draw_picture(folder / ("in/" + std::string(i < 2 ? "NORMAL" : "PNEUMONIA") + "/" +
                           std::to_string(i) + ".png"),
                 100 + 10 * i);
  folder.write("in/NORMAL/broken.png", "\x89PNG\r\n\x1a\n and then nothing");
  const std::string exported = (folder / "exported").string(), in = (folder / "in").string();
  const Ended run = run_thorax({"export", "xray-pneumonia", "--precision", "fp16", "--out",
                                exported, "--batches", "1", "--models", shipped, "--pictures", in});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, testing::ContainsRegex("pictures +4\n.*share +1\\.0000"));
  const auto manifest = nlohmann::json::parse(std::ifstream(exported + "/model.json"));
  const auto& quality = manifest.at("exported").at("quality");
  EXPECT_EQ(quality.at("pictures"), 4);
  EXPECT_EQ(quality.at("unread"), 1);
  EXPECT_EQ(quality.at("same_class"), 1.0);
  EXPECT_GT(quality.at("largest_difference").get<double>(), 0);  // fp16 is not fp32
  EXPECT_LT(quality.at("largest_difference").get<double>(), 0.01);
  // Pictures of one level each look alike to the network, and half of them are of either class.
  for (const char* form : {"model", "form"}) {
    EXPECT_EQ(quality.at(form).at("accuracy"), 0.5) << form;
    EXPECT_EQ(quality.at(form).at("auroc"), 0.5) << form;
  }
  EXPECT_THAT(read_file(exported + "/CARD.md"),
              AllOf(HasSubstr("## This form"), HasSubstr("On 4 pictures of in"),
                    HasSubstr("| this form | 4 | ")));

  EXPECT_EQ(run_thorax({"export", "xray-pneumonia", "--to", "triton", "--out", exported + "-2",
                        "--models", shipped, "--pictures", in})
                .exit_code,
            64);
  EXPECT_EQ(run_thorax({"export", "xray-pneumonia", "--labels", "labels.csv", "--models", shipped})
                .exit_code,
            64);
}

TEST(ExportCommand, RefusesFormatsAndBatchesThatAreNone) {
  const std::string shipped = std::string(THORAX_SOURCE_DIR) + "/models";
  EXPECT_EQ(
      run_thorax({"export", "xray-pneumonia", "--to", "coreml", "--models", shipped}).exit_code,
      64);
  EXPECT_EQ(
      run_thorax({"export", "xray-pneumonia", "--batches", "0", "--models", shipped}).exit_code,
      64);
  EXPECT_EQ(run_thorax({"export", "xray-pneumonia", "--precision", "int4", "--models", shipped})
                .exit_code,
            64);
  EXPECT_EQ(run_thorax({"export", "xray-pneumonia", "--to", "triton", "--precision", "int8",
                        "--models", shipped})
                .exit_code,
            64);
  EXPECT_EQ(run_thorax({"export", "absent", "--models", shipped}).exit_code, 72);
  EXPECT_THAT(run_thorax({"export", "--help"}).out,
              AllOf(HasSubstr("--to"), HasSubstr("torchscript"), HasSubstr("Examples:")));
}

}  // namespace
}  // namespace thorax
