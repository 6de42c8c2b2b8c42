// thorax export as a user runs it, with the model that ships.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST(ExportCommand, RefusesFormatsAndBatchesThatAreNone) {
  const std::string shipped = std::string(THORAX_SOURCE_DIR) + "/models";
  EXPECT_EQ(
      run_thorax({"export", "xray-pneumonia", "--to", "coreml", "--models", shipped}).exit_code,
      64);
  EXPECT_EQ(
      run_thorax({"export", "xray-pneumonia", "--batches", "0", "--models", shipped}).exit_code,
      64);
  EXPECT_EQ(run_thorax({"export", "absent", "--models", shipped}).exit_code, 72);
  EXPECT_THAT(run_thorax({"export", "--help"}).out,
              AllOf(HasSubstr("--to"), HasSubstr("torchscript"), HasSubstr("Examples:")));
}

}  // namespace
}  // namespace thorax
