// A network on CT, from its checkpoint to the report, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/run_thorax.h"
#include "support/drawn_studies.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax {
namespace {

using testing::HasSubstr;
using weights::make_tensor;
using namespace testing_support;

weights::Tensor filled(const std::vector<std::int64_t>& shape, float value) {
  std::size_t count = 1;
  for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
  return make_tensor(shape, std::vector<float>(count, value));
}

/// The small network over slabs of three channels; whatever it sees, its logit is `logit`.
weights::StateDict constant_network(float logit) {
  return {{"features.0.weight", filled({32, 3, 5, 5}, 0)},
          {"features.0.bias", filled({32}, 0)},
          {"features.2.weight", filled({64, 32, 3, 3}, 0)},
          {"features.2.bias", filled({64}, 0)},
          {"features.4.weight", filled({128, 64, 3, 3}, 0)},
          {"features.4.bias", filled({128}, 0)},
          {"head.weight", filled({1, 128}, 0)},
          {"head.bias", filled({1}, logit)}};
}

class CtNetworksTest : public testing::Test {
 protected:
  CtNetworksTest() { draw_series(folder / "chest.zip", small_chest()); }

  void import(const std::string& name, float logit, std::vector<std::string> more = {}) const {
    weights::write_safetensors(folder / "net.safetensors", constant_network(logit));
    more.insert(more.begin(), {"model", "import", name, (folder / "net.safetensors").string(),
                               "--licence", "CC0-1.0", "--models", models()});
    const Ended run = run_thorax(more);
    EXPECT_EQ(run.exit_code, 0) << run.err;
  }
  nlohmann::json analysed(const std::string& setting) const {
    const Ended run =
        run_thorax({"analyze", (folder / "chest.zip").string(), "-o", (folder / "out").string(),
                    "--json", "models.folder=" + models(), setting});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return nlohmann::json::parse(run.out).at(0);
  }
  std::string models() const { return (folder / "models").string(); }

  TemporaryFolder folder;
};

TEST_F(CtNetworksTest, SlabsSpeakBesideTheMeasurements) {
  import("slabs", 0);
  const nlohmann::json result = analysed("models.ct_network=auto");
  ASSERT_EQ(result["networks"].size(), 1u);
  const nlohmann::json& opinion = result["networks"][0];
  EXPECT_EQ(opinion["model"], "slabs");
  EXPECT_EQ(opinion["probability"], 0.5);
  EXPECT_EQ(opinion["decides"], false);
  EXPECT_EQ(opinion["series"]["slabs"], result["series"][0]["images"]);
  EXPECT_TRUE(opinion["series"]["second"].is_null());
  EXPECT_TRUE(result["body_part"].is_null());
  EXPECT_THAT(read_file(folder / "out/chest/report.html"),
              HasSubstr("no network for a second opinion is installed"));
  EXPECT_TRUE(analysed("models.ct_network=none")["networks"].empty());
}

TEST_F(CtNetworksTest, ANetworkThatDecidesGivesTheVerdictByItsOwnBand) {
  import("slabs", 2,
         {"--labels", "pathology", "--thresholds", "0.9", "--decides", "--manifest",
          "series.band=[0.86,0.94]"});
  const nlohmann::json verdict = analysed("models.ct_network=slabs")["verdict"];
  EXPECT_NEAR(verdict["probability"].get<double>(), 0.8808, 1e-4);
  EXPECT_EQ(verdict["kind"], "uncertain");
  EXPECT_EQ(verdict["band"][0], 0.86);
}

TEST_F(CtNetworksTest, AModelThatIsNotThereIsSaid) {
  const Ended run = run_thorax({"analyze", (folder / "chest.zip").string(), "-o",
                                (folder / "out").string(), "models.ct_network=absent"});
  EXPECT_EQ(run.exit_code, 72);
}

}  // namespace
}  // namespace thorax
