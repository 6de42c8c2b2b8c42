#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "engine/import.h"
#include "engine/self_test.h"
#include "engine/torch_plugin.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_support::TemporaryFolder;
using weights::make_tensor;
using weights::StateDict;

/// logits = [x0 + 2 x1 + 0.5, -x0] of the L2-normalised embedding.
StateDict linear_head() {
  return {{"layers.0.weight", make_tensor({2, 2}, {1, 2, -1, 0})},
          {"layers.0.bias", make_tensor({2}, {0.5F, 0})}};
}

template <class Work>
Notice notice_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.notice();
  }
  return {"internal"_code, {}};
}

class Imported : public testing::Test {
 protected:
  fs::path checkpoint(const StateDict& tensors) const {
    const fs::path path = folder.path() / "head.safetensors";
    weights::write_safetensors(path, tensors);
    return path;
  }
  ImportRequest request(const StateDict& tensors) const {
    ImportRequest wish;
    wish.name = "head";
    wish.files = {checkpoint(tensors)};
    wish.licence = "CC0-1.0";
    wish.labels = {"normal", "pathology"};
    wish.into = folder.path() / "models";
    return wish;
  }
  weights::Manifest import(const StateDict& tensors) const {
    return import_model(request(tensors), {});
  }
  TemporaryFolder folder;
};

TEST_F(Imported, ModelComputesWhatItsWeightsSay) {
  const weights::Manifest manifest = import(linear_head());
  EXPECT_EQ(manifest.network, "mlp_head");
  EXPECT_EQ(manifest.labels, (std::vector<std::string>{"normal", "pathology"}));
  const auto runner = load(folder.path() / "models/head", {});
  EXPECT_EQ(runner->describe().parameters, 6u);
  const auto out = runner->run({make_tensor({2, 2}, {3, 4, 0, -2})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].shape, (std::vector<std::int64_t>{2, 2}));
  EXPECT_THAT(out[0].to_float(),
              testing::ElementsAre(testing::FloatEq(2.7F), testing::FloatEq(-0.6F),
                                   testing::FloatEq(-1.5F), testing::FloatEq(0)));
}

TEST_F(Imported, FolderHoldsCardManifestAndWeightsThatVerify) {
  const weights::Manifest manifest = import(linear_head());
  const fs::path model = folder.path() / "models/head";
  EXPECT_TRUE(fs::exists(model / "CARD.md"));
  EXPECT_TRUE(weights::altered_files(model, manifest).empty());
  const auto runner = load(model, {});
  EXPECT_NO_THROW(check_self_test(*runner, manifest, 1e-6));
}

TEST_F(Imported, SelfTestNoticesOtherWeights) {
  const weights::Manifest manifest = import(linear_head());
  StateDict other = linear_head();
  other["layers.0.bias"] = make_tensor({2}, {0.6F, 0});
  weights::write_safetensors(folder.path() / "models/head/weights.safetensors", other);
  const auto runner = load(folder.path() / "models/head", {});
  EXPECT_EQ(notice_of([&] { check_self_test(*runner, manifest, 1e-3); }).code,
            "self_test_failed"_code);
}

TEST_F(Imported, SameFileGivesTheSameBytesExceptMeasuredMemory) {
  ImportRequest wish = request(linear_head());
  nlohmann::json first = import_model(wish, {}).json;
  wish.into = folder.path() / "again";
  nlohmann::json second = import_model(wish, {}).json;
  first.erase("item_bytes");
  second.erase("item_bytes");
  EXPECT_EQ(first, second);
}

TEST_F(Imported, Bf16IsCloseAndSaidToBeBf16) {
  import(linear_head());
  RunOptions options;
  options.precision = "bf16";
  const auto runner = load(folder.path() / "models/head", options);
  EXPECT_EQ(runner->describe().precision, "bf16");
  const auto out = runner->run({make_tensor({1, 2}, {3, 4})})[0].to_float();
  EXPECT_NEAR(out[0], 2.7F, 0.02F);
}

TEST_F(Imported, MissingAndLeftOverKeysAreNamed) {
  StateDict tensors = linear_head();
  tensors.erase("layers.0.bias");
  tensors.emplace("layers.9.bias", make_tensor({1}, {0}));
  const Notice notice = notice_of([&] { import(tensors); });
  EXPECT_EQ(notice.code, "keys_do_not_fit"_code);
  EXPECT_THAT(notice.what(Language::en), HasSubstr("missing: layers.0.bias"));
  EXPECT_THAT(notice.what(Language::en), HasSubstr("left over: layers.9.bias"));
  EXPECT_FALSE(fs::exists(folder.path() / "models/head"));
}

TEST_F(Imported, CheckpointOfNoNetworkIsRefused) {
  EXPECT_EQ(notice_of([&] {
              import({{ "conv9.kernel", make_tensor({1}, {0}) }});
            }).code,
            "unknown_checkpoint"_code);
}

TEST_F(Imported, WeightsThatAreNotFiniteAreRefused) {
  StateDict tensors = linear_head();
  tensors["layers.0.bias"] = make_tensor({2}, {NAN, 0});
  EXPECT_EQ(notice_of([&] { import(tensors); }).code, "self_test_failed"_code);
  EXPECT_FALSE(fs::exists(folder.path() / "models/head"));
}

TEST_F(Imported, EntriesOfTheManifestGoBeforeWhatWasAssumed) {
  ImportRequest wish = request(linear_head());
  wish.entries = {{"config.activation", "relu"}, {"series.band", {0.4, 0.6}}, {"note", "ours"}};
  const weights::Manifest manifest = import_model(wish, {});
  EXPECT_EQ(manifest.config.at("activation"), "relu");
  EXPECT_EQ(manifest.json.at("config").at("activation"), "relu");
  EXPECT_EQ(manifest.json.at("series").at("band").at(1), 0.6);
  EXPECT_EQ(manifest.json.at("note"), "ours");
  EXPECT_THAT(read_file(folder / "models/head/CARD.md"),
              HasSubstr("- series: `{\"band\":[0.4,0.6]}`"));
}

TEST_F(Imported, EntriesThatCannotBeAreRefused) {
  for (const char* path : {"", "name", "files", "weights.x", "config.", "a..b"}) {
    ImportRequest wish = request(linear_head());
    wish.entries = {{path, 1}};
    EXPECT_EQ(notice_of([&] { import_model(wish, {}); }).code, "bad_option"_code) << path;
  }
  ImportRequest wish = request(linear_head());
  wish.entries = {{"series", 1}, {"series.band", 2}};
  EXPECT_EQ(notice_of([&] { import_model(wish, {}); }).code, "bad_option"_code);
  wish.entries = {{"config.nonsense", 1}};
  EXPECT_EQ(notice_of([&] { import_model(wish, {}); }).code, "bad_network_config"_code);
}

TEST_F(Imported, NamesLicencesAndLabelsAreChecked) {
  for (const char* name : {"", "../x", "a/b", ".hidden", "a b"}) {
    ImportRequest wish = request(linear_head());
    wish.name = name;
    EXPECT_EQ(notice_of([&] { import_model(wish, {}); }).code, "bad_option"_code) << name;
  }
  ImportRequest wish = request(linear_head());
  wish.licence.clear();
  EXPECT_EQ(notice_of([&] { import_model(wish, {}); }).code, "bad_option"_code);
  wish = request(linear_head());
  wish.labels = {"one"};
  EXPECT_EQ(notice_of([&] { import_model(wish, {}); }).code, "bad_option"_code);
  import(linear_head());
  EXPECT_EQ(notice_of([&] { import(linear_head()); }).code, "model_exists"_code);
}

TEST_F(Imported, TensorsThatDoNotFitAreRefused) {
  import(linear_head());
  const auto runner = load(folder.path() / "models/head", {});
  const Tensor good = make_tensor({1, 2}, {1, 1});
  EXPECT_EQ(notice_of([&] { runner->run({}); }).code, "bad_tensors"_code);
  EXPECT_EQ(notice_of([&] { runner->run({good, good}); }).code, "bad_tensors"_code);
  EXPECT_EQ(notice_of([&] {
              runner->run({make_tensor({1, 3}, {1, 1, 1})});
            }).code,
            "bad_tensors"_code);
  EXPECT_EQ(notice_of([&] { runner->run({good}, "segment"); }).code, "bad_tensors"_code);
  EXPECT_NO_THROW(runner->run({good}, "logits"));
}

TEST_F(Imported, UnknownEngineDeviceAndPrecisionAreRefused) {
  import(linear_head());
  const auto code = [&](RunOptions options) {
    return notice_of([&] { load(folder.path() / "models/head", options); }).code;
  };
  EXPECT_EQ(code({.engine = "abacus"}), "no_engine"_code);
  EXPECT_EQ(code({.device = "tpu"}), "no_engine"_code);
  EXPECT_EQ(code({.precision = "fp7"}), "bad_option"_code);
}

TEST(Memory, MoreThanThereIsIsRefusedBeforeItIsTaken) {
  EXPECT_EQ(notice_of([] { require_memory("a giant", std::uint64_t{1} << 60); }).code,
            "too_little_memory"_code);
  EXPECT_NO_THROW(require_memory("a mouse", 1));
}

TEST(TorchPlugin, KnowsItsNetworksAndRuntime) {
  EXPECT_THAT(torch_plugin().networks(), testing::Contains("mlp_head"));
  EXPECT_THAT(torch_plugin().runtime(), HasSubstr("libtorch"));
}

}  // namespace
}  // namespace thorax::engine
