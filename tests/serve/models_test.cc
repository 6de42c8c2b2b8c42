// The installed models, as the page shows them.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "base/hash.h"
#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing_support::Client;
using testing_support::TemporaryFolder;

class ModelsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder / "models/mine");
    options.models = (folder / "models").string();
  }
  json asked() {
    Service service(options, testing_support::stub_worker(folder));
    return Client(service.port()).get("/api/v1/models").json();
  }
  static json find(const json& all, const std::string& name) {
    for (const json& model : all["models"])
      if (model["name"] == name) return model;
    return nullptr;
  }

  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
};

TEST_F(ModelsTest, HaveTheirFactsTheirHashesAndTheirCard) {
  const std::string manifest =
      R"({"name":"mine","version":"2.0","kind":"network","network":"resnet","licence":"MIT",)"
      R"("parameters":7,"files":[{"name":"w.safetensors","bytes":9,"sha256":"00"}]})";
  write_file(folder / "models/mine/model.json", manifest);
  write_file(folder / "models/mine/CARD.md", std::string_view("# <b>mine</b>\n"));
  const json model = find(asked(), "mine");
  EXPECT_EQ(model["version"], "2.0");
  EXPECT_EQ(model["licence"], "MIT");
  EXPECT_EQ(model["parameters"], 7);
  EXPECT_EQ(model["place"], "given");
  EXPECT_EQ(model["data"], nullptr);
  EXPECT_EQ(model["sha256"], sha256_hex(manifest));
  EXPECT_EQ(model["files"][0]["name"], "w.safetensors");
  EXPECT_EQ(model["card"], "# <b>mine</b>\n");
}

TEST_F(ModelsTest, AManifestThatIsNoneIsNamed) {
  write_file(folder / "models/mine/model.json", std::string_view("{"));
  EXPECT_EQ(asked()["code"], "BAD_MODEL");
}

}  // namespace
}  // namespace thorax::serve
