// Networks on windows of volumes, slabs of slices and single slices.
#include "base/error.h"
#include "nets/body_part_regression.h"
#include "nets/registry.h"
#include "nets/slab_networks.h"
#include "nets/swin_unetr.h"

namespace thorax::nets {
namespace {

using weights::DType;
using Tensors = std::vector<at::Tensor>;
using Spacing = std::vector<double>;

std::string to_string(PatchMerging merging) {
  switch (merging) {
    case PatchMerging::monai_1_4:
      return "monai_1_4";
    case PatchMerging::monai_1_5:
      return "monai_1_5";
    case PatchMerging::v2:
      break;
  }
  return "v2";
}

Network build_swin_unetr(Config& config) {
  SwinUnetrOptions options;
  options.classes = config.need<std::int64_t>("classes");
  config.maybe("in_channels", options.swin.in_channels);
  config.maybe("feature_size", options.swin.feature_size);
  config.maybe("depths", options.swin.depths);
  config.maybe("heads", options.swin.heads);
  if (options.swin.depths.size() != 4 || options.swin.heads.size() != 4)
    throw Error("bad_network_config"_code,
                {{"network", "swin_unetr"}, {"detail", "depths, heads: four numbers each"}});
  config.maybe("attention_window", options.swin.window);
  config.maybe("convolutions", options.swin.convolutions);
  options.swin.merging = parse_patch_merging(config.need<std::string>("patch_merging"));
  std::int64_t size = 96;
  config.maybe("window", size);
  SwinUnetr model(options);
  const std::int64_t f = options.swin.feature_size;
  const weights::TensorInfo volume{
      "volume", DType::f32, {-1, options.swin.in_channels, size, size, size}};
  const weights::TensorInfo embedding{"embedding", DType::f32, {-1, 24 * f}};
  const weights::TensorInfo logits{"logits", DType::f32, {-1, options.classes, size, size, size}};
  // Whoever blends windows wants "features" and "classify": the last layer is linear, so it can
  // come after the blending, when there are more classes than features.
  return {model.ptr(),
          {{"logits",
            {volume},
            {logits, embedding},
            [model](const Tensors& in) mutable {
              SwinFeatures features = model->encode(in.at(0));
              const at::Tensor mean = encoder_embedding(features);
              return Tensors{model->classify(model->decode(std::move(features))), mean};
            }},
           {"features",
            {volume},
            {{"features", DType::f32, {-1, f, size, size, size}}, embedding},
            [model](const Tensors& in) mutable {
              SwinFeatures features = model->encode(in.at(0));
              const at::Tensor mean = encoder_embedding(features);
              return Tensors{model->decode(std::move(features)), mean};
            }},
           {"classify",
            {{"features", DType::f32, {-1, f, -1, -1, -1}}},
            {{"logits", DType::f32, {-1, options.classes, -1, -1, -1}}},
            [model](const Tensors& in) mutable { return Tensors{model->classify(in.at(0))}; }},
           {"embedding",
            {volume},
            {embedding},
            [model](const Tensors& in) mutable {
              return Tensors{encoder_embedding(model->encode(in.at(0)))};
            }}},
          {"relative_position_index"},
          {}};
}

std::optional<Recognised> recognise_swin_unetr(const Shapes& shapes) {
  const Shape patch = shape_of(shapes, "swinViT.patch_embed.proj.weight", 5);
  const Shape out = shape_of(shapes, "out.conv.conv.weight", 5);
  if (patch.empty() || out.empty()) return {};
  std::vector<std::int64_t> depths, heads;
  for (const char* layer : {"swinViT.layers1.0.blocks.", "swinViT.layers2.0.blocks.",
                            "swinViT.layers3.0.blocks.", "swinViT.layers4.0.blocks."}) {
    const std::string table = ".attn.relative_position_bias_table";
    const Shape first = shape_of(shapes, layer + ("0" + table), 2);
    if (first.empty()) return {};
    depths.push_back(count_layers(shapes, layer, table));
    heads.push_back(first[1]);
  }
  Recognised found;
  found.task = "ct-segmentation";
  found.config = {{"in_channels", patch[1]},
                  {"feature_size", patch[0]},
                  {"classes", out[0]},
                  {"depths", depths},
                  {"heads", heads},
                  {"convolutions", shapes.contains("swinViT.layers1c.0.layer.conv1.conv.weight")},
                  // Weights do not tell; the published ones are from before MONAI 1.5.
                  {"patch_merging", to_string(PatchMerging::monai_1_4)}};
  // One channel: as MONAI's networks for the abdomen (BTCV). Two: the window and the whole scan, as
  // the published system of segmentation and report.
  const bool whole = patch[1] == 2;
  found.use = {{"preprocessing",
                {{"spacing_mm", whole ? Spacing{1, 1, 1} : Spacing{1.5, 1.5, 2}},
                 {"low", whole ? -1000 : -175},
                 {"high", whole ? 400 : 250},
                 {"padded_to", whole ? Shape{512, 512, 512} : Shape{0, 0, 0}}}},
               {"sliding",
                {{"overlap", whole ? 0.25 : 0.5},
                 {"blend", whole ? "constant" : "gaussian"},
                 {"blended", whole ? "probabilities" : "logits"},
                 {"repeat_last", whole}}}};
  return found;
}

Network build_body_part_regression(Config& config) {
  std::int64_t size = 128;
  config.maybe("image_size", size);
  BodyPartRegression model;
  return {model.ptr(),
          {{"scores",
            {{"slices", DType::f32, {-1, 1, size, size}}},
            {{"scores", DType::f32, {-1, 1}}},
            [model](const Tensors& in) mutable { return Tensors{model->forward(in.at(0))}; }}},
          {},
          {}};
}

std::optional<Recognised> recognise_body_part_regression(const Shapes& shapes) {
  if (shape_of(shapes, "conv6.weight", 4) != Shape{512, 512, 1, 1} ||
      shape_of(shapes, "fc7.weight", 2) != Shape{1, 512} ||
      shape_of(shapes, "model.0.weight", 4) != Shape{64, 1, 3, 3}) {
    return {};
  }
  Recognised found;
  found.task = "ct-body-part";
  found.config = nlohmann::json::object();
  // Scores are smoothed over 10 mm: closer slices would say the same.
  found.use = {{"slice_distance_mm", 5}};
  return found;
}

Network build_slab_resnet(Config& config) {
  const SlabInput input = parse_slab_input(config.need<std::string>("input"));
  std::int64_t channels = 10, size = 320;
  bool deep = false;
  config.maybe("channels", channels);
  config.maybe("deep", deep);
  config.maybe("image_size", size);
  SlabResNet model(input, channels, deep);
  return {model.ptr(),
          {{"logits",
            {{"slabs", DType::f32, {-1, channels, size, size}}},
            {{"logits", DType::f32, {-1, 1}}, {"embedding", DType::f32, {-1, deep ? 2048 : 512}}},
            [model](const Tensors& in) mutable {
              const SlabSteps steps = model->steps(in.at(0));
              return Tensors{steps.logit, steps.trunk.pooled};
            }}},
          {"num_batches_tracked"},
          {}};
}

std::optional<Recognised> recognise_slab_resnet(const Shapes& shapes) {
  const Shape stem = shape_of(shapes, "backbone.0.weight", 4);
  const Shape head = shape_of(shapes, "head.weight", 2);
  if (stem.empty() || head.empty() || head[0] != 1) return {};
  const Shape attention = shape_of(shapes, "attn.mlp.0.weight", 2);
  const Shape squeeze = shape_of(shapes, "squeeze.0.weight", 4);
  Recognised found;
  found.task = "ct-slab-classification";
  found.config = {{"input", !attention.empty() ? "channel_attention"
                            : !squeeze.empty() ? "squeeze"
                                               : "plain"},
                  {"channels", squeeze.empty() ? stem[1] : squeeze[1]},
                  {"deep", shapes.contains("backbone.4.0.conv3.weight")}};
  // Packs around every second slice; the highest tenth of their scores is the series'.
  found.use = {{"series",
                {{"input", "packs"},
                 {"neighbours", 5},
                 {"windows", {{-1000, 400}, {-150, 250}}},
                 {"step", 2},
                 {"share", 0.1},
                 {"band", {0.45, 0.55}}}}};
  return found;
}

Network build_slab_cnn(Config& config) {
  std::int64_t channels = 3, size = 320;
  config.maybe("channels", channels);
  config.maybe("image_size", size);
  SlabCnn model(channels);
  return {model.ptr(),
          {{"logits",
            {{"slabs", DType::f32, {-1, channels, size, size}}},
            {{"logits", DType::f32, {-1, 1}}},
            [model](const Tensors& in) mutable { return Tensors{model->forward(in.at(0))}; }}},
          {},
          {}};
}

std::optional<Recognised> recognise_slab_cnn(const Shapes& shapes) {
  const Shape first = shape_of(shapes, "features.0.weight", 4);
  if (first.empty() || shape_of(shapes, "features.4.weight", 4) != Shape{128, 64, 3, 3} ||
      shape_of(shapes, "head.weight", 2) != Shape{1, 128}) {
    return {};
  }
  Recognised found;
  found.task = "ct-slab-classification";
  found.config = {{"channels", first[1]}};
  // The mean of every slice's slab.
  found.use = {{"series",
                {{"input", "slabs"},
                 {"neighbours", 5},
                 {"windows", {{-1000, 2000}, {-825, 1275}, {40, 400}}},
                 {"step", 1},
                 {"share", 1},
                 {"band", {0.45, 0.55}}}}};
  return found;
}

}  // namespace

std::vector<Registered> volume_networks() {
  return {{"swin_unetr", build_swin_unetr, recognise_swin_unetr},
          {"body_part_regression", build_body_part_regression, recognise_body_part_regression},
          {"slab_resnet", build_slab_resnet, recognise_slab_resnet},
          {"slab_cnn", build_slab_cnn, recognise_slab_cnn}};
}

}  // namespace thorax::nets
