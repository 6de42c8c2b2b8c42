// What an export promises beside its numbers.
#include "exporter/export.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "exporter/half.h"
#include "exporter/networks.h"
#include "exporter/triton.h"
#include "onnx_checker.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"
#include "weights/safetensors.h"

namespace thorax::exporter {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

/// A head with one hidden layer, as a model folder.
fs::path make_head(const fs::path& folder, const std::string& name,
                   const std::vector<std::string>& labels = {}, std::int64_t inputs = 4,
                   std::int64_t hidden = 6) {
  const auto tensor = [](const Sides& shape, float start) {
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i)
      values.push_back(start + std::sin(static_cast<float>(i)));
    return weights::make_tensor(shape, values);
  };
  weights::StateDict dict{{"layers.0.weight", tensor({hidden, inputs}, 0)},
                          {"layers.0.bias", tensor({hidden}, 0)},
                          {"layers.1.weight", tensor({hidden}, 1)},
                          {"layers.1.bias", tensor({hidden}, 0)},
                          {"layers.1.running_mean", tensor({hidden}, 0)},
                          {"layers.1.running_var", tensor({hidden}, 2)},
                          {"layers.4.weight", tensor({2, hidden}, 0)},
                          {"layers.4.bias", tensor({2}, 0)}};
  const fs::path model = folder / name;
  fs::create_directories(model);
  weights::write_safetensors(model / "weights.safetensors", dict);
  weights::Manifest manifest;
  manifest.name = name;
  manifest.version = "1.0.0";
  manifest.task = "embedding-head";
  manifest.licence = "CC0-1.0";
  manifest.network = "mlp_head";
  manifest.config = {{"inputs", inputs}, {"classes", 2}, {"hidden", {hidden}}};
  manifest.weights = "weights.safetensors";
  manifest.labels = labels;
  manifest.json["calibration"] = {{"temperature", 1.5}};
  manifest.files.push_back(weights::describe_file(model / manifest.weights));
  weights::write_manifest(model, manifest);
  return model;
}

ExportRequest request_of(const fs::path& model, const fs::path& out) {
  ExportRequest request;
  request.model = model;
  request.out = out;
  return request;
}

std::optional<Code> refusal_of(const ExportRequest& request) {
  return testing_support::code_of([&] { export_model(request, {}); });
}

TEST(Export, KeepsWhatTheModelIsUsedWith) {
  const TemporaryFolder folder;
  const fs::path model = make_head(folder.path(), "head", {"a", "b"});
  std::ofstream(model / "CARD.md") << "# head\n";
  export_model(request_of(model, folder / "out"), {});
  const weights::Manifest manifest = weights::load_manifest(folder / "out");
  EXPECT_EQ(manifest.network, "onnx");
  EXPECT_EQ(manifest.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(manifest.json.at("calibration").at("temperature"), 1.5);
  EXPECT_EQ(manifest.json.at("exported").at("opset"), 17);
  EXPECT_EQ(manifest.json.at("exported").at("differences").size(), 3u) << "batches of 1, 3 and 8";
  EXPECT_TRUE(weights::altered_files(folder / "out", manifest).empty());
  EXPECT_THAT(read_file(folder / "out/CARD.md"),
              AllOf(HasSubstr("# head"), HasSubstr("| logits |")));
}

TEST(Export, LargeWeightsLieInAFileBeside) {
  const TemporaryFolder folder;
  ExportRequest request = request_of(make_head(folder.path(), "head"), folder / "out");
  request.inline_limit = 16;
  export_model(request, {});
  EXPECT_TRUE(fs::exists(folder / "out/model.onnx.data"));
  EXPECT_EQ(weights::load_manifest(folder / "out").files.size(), 2u);
  EXPECT_EQ(onnx_checker(folder / "out/model.onnx"), 0);
}

TEST(Export, TheSameModelGivesTheSameFile) {
  const TemporaryFolder folder;
  const fs::path model = make_head(folder.path(), "head");
  export_model(request_of(model, folder / "a"), {});
  export_model(request_of(model, folder / "b"), {});
  EXPECT_EQ(read_file(folder / "a/model.onnx"), read_file(folder / "b/model.onnx"));
  EXPECT_EQ(read_file(folder / "a/model.json"), read_file(folder / "b/model.json"));
}

TEST(Export, RefusesWhatItCannotDo) {
  const TemporaryFolder folder;
  const fs::path model = make_head(folder.path(), "head");
  ExportRequest request = request_of(model, folder / "out");
  request.precision = "bf16";
  EXPECT_EQ(refusal_of(request), "bad_option"_code);
  request.precision = "fp16";
  request.format = Format::torchscript;
  EXPECT_EQ(refusal_of(request), "bad_option"_code);
  request = request_of(model, folder / "taken");
  folder.write("taken/letter.txt");
  EXPECT_EQ(refusal_of(request), "bad_option"_code) << "a folder that no export made";
  EXPECT_TRUE(fs::exists(folder / "taken/letter.txt"));
  request.out = folder / "out";
  EXPECT_NO_THROW(export_model(request, {}));
  EXPECT_NO_THROW(export_model(request, {})) << "over an earlier export";
}

TEST(Export, NamesTheNetworksThatCan) {
  weights::Manifest manifest;
  manifest.network = "bart";
  try {
    require_exportable(manifest, "onnx");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "cannot_export"_code);
    EXPECT_THAT(error.notice().todo(Language::en), AllOf(HasSubstr("resnet"), HasSubstr("vit")));
  }
}

TEST(Export, DifferencesBeyondTheBoundAreRefused) {
  const auto require = [](double relative, const std::string& precision) {
    require_same({{.batch = 1, .output = "logits", .largest = relative, .relative = relative}}, "m",
                 precision);
  };
  EXPECT_NO_THROW(require(9e-4, "fp32"));
  EXPECT_THROW(require(2e-3, "fp32"), Error);
  EXPECT_NO_THROW(require(2e-3, "fp16"));
  EXPECT_THROW(require(NAN, "fp16"), Error);
  EXPECT_THROW(require(0.06, "fp16"), Error);
  EXPECT_NO_THROW(require(0.06, "int8"));
  EXPECT_THROW(require(0.11, "int8"), Error);
}

TEST(Half, RoundsToTheNearestTiesToEven) {
  EXPECT_EQ(to_half(1.0F), 0x3c00);
  EXPECT_EQ(to_half(-2.0F), 0xc000);
  EXPECT_EQ(to_half(65504.0F), 0x7bff);
  EXPECT_EQ(to_half(65520.0F), 0x7c00) << "halfway to what does not exist";
  EXPECT_EQ(to_half(1.0F + 0x1p-11F), 0x3c00) << "a tie goes to even";
  EXPECT_EQ(to_half(1.0F + 3 * 0x1p-11F), 0x3c02);
  EXPECT_EQ(to_half(0x1p-24F), 0x0001) << "the smallest";
  EXPECT_EQ(to_half(0x1p-25F), 0x0000);
  EXPECT_EQ(to_half(0x1.8p-24F), 0x0002);
  EXPECT_EQ(to_half(0x1p-14F), 0x0400) << "the smallest normal one";
  EXPECT_EQ(to_half(-0.0F), 0x8000);
  EXPECT_GT(to_half(NAN) & 0x3ff, 0);
  // Every fp16 number is itself.
  for (int bits = 0; bits < 0x7c00; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    std::vector<std::byte> bytes(2);
    std::memcpy(bytes.data(), &half, 2);
    const float value =
        weights::make_tensor(weights::DType::f16, {1}, std::move(bytes)).to_float().at(0);
    ASSERT_EQ(to_half(value), half);
  }
}

TEST(Export, Int8TakesAQuarterOfTheRoom) {
  const TemporaryFolder folder;
  const fs::path model = make_head(folder.path(), "head", {}, /*inputs=*/128, /*hidden=*/128);
  ExportRequest request = request_of(model, folder / "whole");
  export_model(request, {});
  request.out = folder / "small";
  request.precision = "int8";
  const Exported exported = export_model(request, {});
  EXPECT_LT(fs::file_size(folder / "small/model.onnx"),
            fs::file_size(folder / "whole/model.onnx") * 3 / 10);
  EXPECT_EQ(onnx_checker(folder / "small/model.onnx"), 0);
  EXPECT_EQ(exported.differences.size(), 3u);
  for (const Difference& one : exported.differences) {
    EXPECT_GT(one.relative, 0);
    EXPECT_LT(one.relative, 0.02);
  }
  EXPECT_EQ(weights::load_manifest(folder / "small").json.at("exported").at("precision"), "int8");
}

class Triton : public testing::Test {
 protected:
  /// A "model" whose answer is called an embedding needs no picture network: heads read any.
  static Exported named(const std::string& name, const std::string& input,
                        const std::vector<std::string>& outputs,
                        const std::vector<std::string>& labels) {
    Exported out;
    out.manifest.name = name;
    out.manifest.labels = labels;
    out.function.inputs = {{input, weights::DType::f32, {-1, 3, 8, 8}}};
    for (const std::string& output : outputs)
      out.function.outputs.push_back({output, weights::DType::f32, {-1, 4}});
    return out;
  }
};

TEST_F(Triton, ConfigurationSaysWhatTheServerNeeds) {
  const std::string config =
      triton_config(named("xray", "pictures", {"logits", "embedding"}, {"A", "B", "C", "D"}), 16);
  EXPECT_THAT(
      config,
      AllOf(HasSubstr("name: \"xray\"\nplatform: \"onnxruntime_onnx\"\nmax_batch_size: 16"),
            HasSubstr("input [ { name: \"pictures\" data_type: TYPE_FP32 dims: [ 3, 8, 8 ]"),
            HasSubstr("dims: [ 4 ] label_filename: \"labels.txt\""),
            HasSubstr("dynamic_batching { preferred_batch_size: [ 8 ]"),
            HasSubstr("instance_group")));
}

TEST_F(Triton, RepositoryHasEveryModelAndTheirEnsemble) {
  const TemporaryFolder folder;
  const std::vector<Exported> all = export_triton(
      {request_of(make_head(folder.path(), "head", {"no", "yes"}), folder / "repository"), {}, 4},
      {});
  ASSERT_EQ(all.size(), 1u);
  const fs::path repository = folder / "repository";
  EXPECT_TRUE(fs::exists(repository / "head/1/model.onnx"));
  EXPECT_EQ(read_file(repository / "head/labels.txt"), "no\nyes\n");
  EXPECT_FALSE(fs::exists(repository / "work"));
  EXPECT_TRUE(fs::exists(repository / "CARD.md"));

  const Exported encoder = named("enc", "pictures", {"embedding"}, {});
  const std::string ensemble = triton_ensemble(encoder, all, 4);
  EXPECT_THAT(ensemble,
              AllOf(HasSubstr("name: \"enc_heads\"\nplatform: \"ensemble\""),
                    HasSubstr("output [ { name: \"head_logits\" data_type: TYPE_FP32 dims: [ 2 ]"),
                    HasSubstr("input_map { key: \"embedding\" value: \"embedding\" }"),
                    HasSubstr("output_map { key: \"logits\" value: \"head_logits\" }")));
}

TEST_F(Triton, ScriptAsksTensorRtForTheSidesOfEveryModel) {
  const TemporaryFolder folder;
  const fs::path script = folder.write(
      "to_tensorrt.sh", tensorrt_script({named("enc", "pictures", {"embedding"}, {})}, 32, true));
  folder.write("enc/config.pbtxt", "platform: \"onnxruntime_onnx\"\n");
  // A docker that writes down what it is asked.
  const fs::path docker = folder.write("bin/docker", "#!/bin/sh\necho \"$@\" >> \"$ASKED\"\n");
  fs::permissions(docker, fs::perms::owner_all);
  const std::string command = "ASKED='" + (folder / "asked").string() + "' PATH='" +
                              (folder / "bin").string() + ":/usr/bin:/bin' bash '" +
                              script.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(read_file(folder / "asked"),
              AllOf(HasSubstr("trtexec --onnx=/models/enc/1/model.onnx"),
                    HasSubstr("--minShapes=pictures:1x3x8x8 --optShapes=pictures:8x3x8x8 "
                              "--maxShapes=pictures:32x3x8x8 --fp16")));
  EXPECT_EQ(read_file(folder / "enc/config.pbtxt"), "platform: \"tensorrt_plan\"\n");
}

}  // namespace
}  // namespace thorax::exporter
