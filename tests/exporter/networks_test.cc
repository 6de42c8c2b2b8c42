// Every network that can be exported: checked by ONNX's own checker, compared with the native
// engine in batches of 1, 3 and 8, and with what the original network gave.
#include <gtest/gtest.h>

#include <optional>

#include "base/error.h"
#include "engine/golden_model.h"
#include "exporter/export.h"
#include "onnx_checker.h"
#include "support/code_of.h"

namespace thorax::exporter {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing_support::TemporaryFolder;

constexpr double kHalfBound = 0.02, kInt8Bound = 0.1;

struct Trial {
  std::string golden, config;  ///< folder of tests/golden
  std::string network;
  json settings;
  /// The golden's tensor and the output that is it; empty where the golden's input does not fit.
  std::string tensor = {}, output = {};
  std::vector<std::int64_t> batches = {1, 3, 8};
  bool in_int8 = true;  ///< its answers hardly change when its weights do a little
};

void check_golden(golden::Golden& golden, const fs::path& folder, const Trial& trial) {
  json input = golden.facts().at("input");
  if (input.contains("video")) input = input.at("video");
  const auto runner = engine::load(folder, {});
  const engine::FunctionInfo& main = runner->describe().function({});
  const auto values = runner->run({weights::make_tensor(
      input.at("shape").get<std::vector<std::int64_t>>(), golden::Golden::input(input))});
  for (std::size_t i = 0; i < values.size(); ++i)
    if (main.outputs[i].name == trial.output)
      golden.check(trial.tensor, values[i].shape, std::span<const float>(values[i].to_float()));
}

std::optional<Code> refusal_of(const ExportRequest& request) {
  return testing_support::code_of([&] { export_model(request, {}); });
}

void check_export(const Trial& trial) {
  golden::Golden golden(trial.golden, trial.config, "export");
  const TemporaryFolder folder;
  const fs::path model = folder / "model";
  fs::create_directories(model);
  engine::golden_model(golden.state_dict(), model, trial.network, trial.settings);
  struct Form {
    const char* name;
    Format format;
    const char* precision;
    double bound;
  };
  for (const Form& form : {Form{"onnx fp32", Format::onnx, "fp32", golden::kFp32Bound},
                           Form{"onnx fp16", Format::onnx, "fp16", kHalfBound},
                           Form{"onnx int8", Format::onnx, "int8", kInt8Bound},
                           Form{"torchscript", Format::torchscript, "fp32", golden::kFp32Bound}}) {
    ExportRequest request;
    request.model = model;
    request.out = folder / form.name;
    request.format = form.format;
    request.precision = form.precision;
    request.batches = trial.batches;
    if (request.precision == "int8" && !trial.in_int8) {
      EXPECT_EQ(refusal_of(request), "export_differs"_code);
      continue;
    }
    const Exported exported = export_model(request, {});
    if (form.format == Format::onnx) {
      EXPECT_EQ(onnx_checker(request.out / "model.onnx"), 0) << trial.network << ' ' << form.name;
    }
    EXPECT_FALSE(exported.differences.empty());
    for (const Difference& one : exported.differences)
      golden.record(one.output + " " + form.name + " batch " + std::to_string(one.batch),
                    one.relative, form.bound);
  }
  if (!trial.output.empty()) check_golden(golden, folder / "onnx fp32", trial);
}

json tiny_vit() {
  return {{"hidden", 32},     {"layers", 2},     {"heads", 4}, {"intermediate", 64},
          {"image_size", 32}, {"patch_size", 8}, {"labels", 5}};
}

TEST(GoldenExport, ResNet18) {
  check_export({"resnet18", "tiny", "resnet", {{"image_size", 64}}, "output", "logits"});
}
TEST(GoldenExport, PicturesAndTheirMirrorImages) {
  check_export({"resnet18", "tiny", "resnet", {{"image_size", 64}, {"mirrored", true}}});
  json vit = tiny_vit();
  vit["mirrored"] = true;
  check_export({"vit_base_patch16_224", "tiny", "vit", vit});
}
TEST(GoldenExport, BandsOfOneEnergy) {
  check_export(
      {"resnet18", "tiny", "resnet", {{"image_size", 64}, {"bands", 5}, {"mirrored", true}}});
}
TEST(GoldenExport, ResNet50) {
  check_export({"resnet50",
                "tiny",
                "resnet",
                {{"image_size", 64}, {"blocks", {3, 4, 6, 3}}, {"bottleneck", true}},
                "output",
                "logits"});
}
TEST(GoldenExport, ClipsResNet) {
  check_export({"r3d_18",
                "tiny",
                "resnet3d",
                {{"in_channels", 3},
                 {"classes", 400},
                 {"video", true},
                 {"stem_kernel", {3, 7, 7}},
                 {"stem_stride", {1, 2, 2}},
                 {"stem_pool", false},
                 {"volume", {8, 32, 32}}},
                "output",
                "logits"});
}
TEST(GoldenExport, MonaiResNet) {
  check_export({"monai_resnet18",
                "tiny",
                "resnet3d",
                {{"classes", 18},
                 {"stem_kernel", {7, 7, 7}},
                 {"stem_stride", {1}},
                 {"shortcut_bias", true},
                 {"volume", {32, 32, 32}}},
                "output",
                "logits"});
}
TEST(GoldenExport, MedicalNetWithPlainShortcuts) {
  check_export({"medicalnet_resnet18_A",
                "tiny",
                "medicalnet",
                {{"classes", 2},
                 {"stem_kernel", {7, 7, 7}},
                 {"dilated", true},
                 {"shortcut_zeros", true},
                 {"volume", {32, 32, 32}}},
                "output",
                "logits"});
}
TEST(GoldenExport, SlabResNetWithSqueeze) {
  check_export({"s3_ResNetWithSqueeze",
                "tiny",
                "slab_resnet",
                {{"input", "squeeze"}, {"image_size", 64}},
                "logit",
                "logits"});
}
TEST(GoldenExport, SlabResNetWithChannelAttention) {
  check_export({"s3_ResNetWithChAttn",
                "tiny",
                "slab_resnet",
                {{"input", "channel_attention"}, {"image_size", 64}},
                "logit",
                "logits"});
}
TEST(GoldenExport, SlabCnn) {
  check_export({"s3_service_cnn", "tiny", "slab_cnn", {{"image_size", 40}}, "logit", "logits"});
}
TEST(GoldenExport, BodyPartRegression) {
  check_export({"bpr", "tiny", "body_part_regression", {{"image_size", 64}}});
}
TEST(GoldenExport, HeadWithHiddenLayers) {
  check_export({"s1_mlp",
                "multilabel",
                "mlp_head",
                {{"inputs", 512},
                 {"classes", 20},
                 {"hidden", {512, 256, 128}},
                 {"activation", "leaky_relu"}},
                "logits",
                "logits"});
}
TEST(GoldenExport, HeadWithoutHiddenLayers) {
  check_export({"s1_mlp",
                "linear_no_hidden",
                "mlp_head",
                {{"inputs", 512}, {"classes", 2}, {"activate_input", true}},
                "logits",
                "logits"});
}
TEST(GoldenExport, Vit) {
  check_export({"vit_base_patch16_224", "tiny", "vit", tiny_vit(), "logits", "logits"});
}
TEST(GoldenExport, Dinov2) {
  check_export({"vit_large_patch14_reg4_dinov2",
                "tiny",
                "dinov2",
                {{"dim", 32}, {"depth", 3}, {"heads", 4}, {"image_size", 56}},
                "cls",
                "embedding"});
}

TEST(GoldenExport, CtClipImage) {
  // It takes the nearest of the codes it has learned: another one where weights change a little.
  Trial trial{"ctclip",
              "tiny",
              "ctclip",
              {{"dim", 32},
               {"codebook_size", 64},
               {"image_depth", 12},
               {"image_height", 40},
               {"image_width", 60},
               {"patch_size", 10},
               {"temporal_patch_size", 4},
               {"spatial_depth", 2},
               {"temporal_depth", 2},
               {"dim_head", 8},
               {"heads", 4},
               {"latent", 16},
               {"text_vocabulary", 100},
               {"text_hidden", 24},
               {"text_layers", 2},
               {"text_heads", 3},
               {"text_intermediate", 48},
               {"text_positions", 40}}};
  trial.in_int8 = false;
  check_export(trial);
}
void check_swin(const std::string& config, const char* merging, bool convolutions,
                const std::vector<std::int64_t>& batches) {
  check_export({"swin_unetr",
                config,
                "swin_unetr",
                {{"classes", 3},
                 {"feature_size", 12},
                 {"patch_merging", merging},
                 {"convolutions", convolutions},
                 {"window", 64}},
                "",
                "",
                batches});
}
TEST(GoldenSlowExport, SwinUnetr) {
  check_swin("tiny_v1_mergingv2", "v2", false, {1, 2});
}
TEST(GoldenSlowExport, SwinUnetrOldMergingAndConvolutions) {
  check_swin("tiny_v2_merging_monai132", "monai_1_4", true, {2});
}

}  // namespace
}  // namespace thorax::exporter
