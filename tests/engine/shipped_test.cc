// The model with weights that ships.
#include <gtest/gtest.h>

#include "engine/self_test.h"

namespace thorax::engine {
namespace {

const std::filesystem::path kModel =
    std::filesystem::path(THORAX_SOURCE_DIR) / "models/xray-pneumonia";

TEST(ShippedModel, IsWhatItsManifestSays) {
  const weights::Manifest manifest = weights::load_manifest(kModel);
  EXPECT_TRUE(weights::altered_files(kModel, manifest).empty());
  EXPECT_EQ(manifest.task, "xray-classification");
  EXPECT_EQ(manifest.labels, (std::vector<std::string>{"NORMAL", "PNEUMONIA"}));
  EXPECT_EQ(manifest.json.at("preprocessing"), "radiograph");
  EXPECT_FALSE(manifest.licence.empty());
  EXPECT_GT(manifest.json.at("calibration").at("temperature").get<double>(), 0);
  EXPECT_TRUE(manifest.json.at("metrics").at("test").contains("auroc"));
}

TEST(ShippedModel, AnswersAsItDidWhenItWasTrained) {
  const weights::Manifest manifest = weights::load_manifest(kModel);
  const std::unique_ptr<Runner> runner = load(kModel, {});
  EXPECT_NO_THROW(check_self_test(*runner, manifest, self_test_bound("fp32")));
}

}  // namespace
}  // namespace thorax::engine
