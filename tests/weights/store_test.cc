#include "weights/store.h"
#include "support/code_of.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/temporary_folder.h"
#include "weights/manifest.h"

namespace thorax::weights {
namespace {

using testing_support::TemporaryFolder;

constexpr const char* kManifest = R"({
  "schema": 1, "kind": "network", "name": "tiny", "version": "1.0.0", "task": "t",
  "licence": "CC0-1.0", "network": "mlp_head", "config": {"inputs": 2, "classes": 2},
  "weights": "w.safetensors",
  "files": [{"name": "w.safetensors", "sha256": "SHA", "bytes": 3}]})";

std::string manifest(const std::string& from = "", const std::string& to = "") {
  std::string text = kManifest;
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

std::optional<Code> refusal_of(const TemporaryFolder& folder) {
  return testing_support::code_of([&] { load_manifest(folder.path()); });
}

TEST(Manifest, IsReadAndWrittenBack) {
  const TemporaryFolder folder;
  folder.write("model.json", manifest());
  const Manifest first = load_manifest(folder.path());
  EXPECT_EQ(first.network, "mlp_head");
  EXPECT_EQ(first.config.at("inputs"), 2);
  const TemporaryFolder copy;
  write_manifest(copy.path(), first);
  EXPECT_EQ(load_manifest(copy.path()).json, first.json);
}

TEST(Manifest, WhatIsWrongIsRefused) {
  const TemporaryFolder folder;
  EXPECT_EQ(refusal_of(folder), "no_such_input"_code);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"schema\": 1", "\"schema\": 2"},
           {"\"kind\": \"network\"", "\"kind\": \"scorecard\""},
           {"\"name\": \"w.safetensors\"", "\"name\": \"../w.safetensors\""},
           {"\"weights\": \"w.safetensors\"", "\"weights\": \"other\""},
           {"\"licence\": \"CC0-1.0\",", ""},
           {"\"bytes\": 3", "\"bytes\": \"three\""},
           {"{\"inputs\": 2, \"classes\": 2}", "[]"},
           {"]}", ""}}) {
    folder.write("model.json", manifest(from, to));
    EXPECT_EQ(refusal_of(folder), "bad_model"_code) << from << " -> " << to;
  }
}

TEST(Manifest, AFileThatChangedIsNamed) {
  const TemporaryFolder folder;
  folder.write("w.safetensors", "abc");
  const ModelFile file = describe_file(folder.path() / "w.safetensors");
  EXPECT_EQ(file.bytes, 3u);
  folder.write("model.json", manifest("SHA", file.sha256));
  const Manifest known = load_manifest(folder.path());
  EXPECT_TRUE(altered_files(folder.path(), known).empty());
  folder.write("w.safetensors", "abd");
  EXPECT_EQ(altered_files(folder.path(), known), std::vector<std::string>{"w.safetensors"});
}

/// The environment decides where models are; each test has its own.
class Store : public testing::Test {
 protected:
  void SetUp() override {
    setenv("THORAX_USER_MODELS", user.path().c_str(), 1);
    setenv("THORAX_MODELS", named.path().c_str(), 1);
  }
  void TearDown() override {
    unsetenv("THORAX_USER_MODELS");
    unsetenv("THORAX_MODELS");
  }
  TemporaryFolder given, user, named;
};

TEST_F(Store, EarlierPlacesHideLaterOnes) {
  user.write("a/model.json", "{}");
  named.write("a/model.json", "{}");
  named.write("b/model.json", "{}");
  user.write("b/model.json", "{}");
  given.write("b/model.json", "{}");
  const auto places = model_places(given.path());
  EXPECT_EQ(find_model(places, "b").folder, given.path() / "b");
  EXPECT_EQ(find_model(places, "a").folder, named.path() / "a");
  std::vector<std::string> names;
  for (const FoundModel& model : list_models(places)) names.push_back(model.name);
  // The models that ship are found above the program, in the source tree.
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "ct-quantitative", "xray-pneumonia"}));
}

TEST_F(Store, HiddenFoldersAndFoldersWithoutAManifestAreNoModels) {
  given.write(".part-1/model.json", "{}");
  given.write("c/weights.safetensors", "");
  const auto places = model_places(given.path());
  for (const FoundModel& model : list_models(places))
    EXPECT_EQ(model.place, ModelPlace::Kind::shipped) << model.name;
  EXPECT_THROW(find_model(places, "c"), Error);
  EXPECT_THROW(find_model(places, "../x"), Error);
}

}  // namespace
}  // namespace thorax::weights
