// Networks on pictures: ViT, DINOv2 with registers, ResNet.
#include "base/error.h"
#include "nets/dinov2.h"
#include "nets/registry.h"
#include "nets/resnet.h"
#include "nets/vit.h"

namespace thorax::nets {
namespace {

using weights::DType;
using Tensors = std::vector<at::Tensor>;

weights::TensorInfo pictures_info(std::int64_t channels, std::int64_t size) {
  return {"pictures", DType::f32, {-1, channels, size, size}};
}

/// Logits [B, classes]; `mirrored`: the mean of those of the pictures [B, C, H, W] and of their
/// mirror images, left and right exchanged.
template <class Model>
Tensor logits_of(Model& model, const Tensor& pictures, bool mirrored) {
  if (!mirrored) return model->forward(pictures);
  const Tensor both = model->forward(at::cat({pictures, pictures.flip({3})}));
  return both.unflatten(0, {2, pictures.size(0)}).mean(0);
}

Network build_vit(Config& config) {
  VitOptions options;
  config.maybe("hidden", options.hidden);
  config.maybe("layers", options.layers);
  config.maybe("heads", options.heads);
  config.maybe("intermediate", options.intermediate);
  config.maybe("image_size", options.image_size);
  config.maybe("patch_size", options.patch_size);
  config.maybe("channels", options.channels);
  config.maybe("labels", options.labels);
  bool mirrored = false;
  config.maybe("mirrored", mirrored);
  Vit model(options);
  const auto pictures = pictures_info(options.channels, options.image_size);
  return {model.ptr(),
          {{"logits",
            {pictures},
            {{"logits", DType::f32, {-1, options.labels}}},
            [model, mirrored](const Tensors& in) mutable {
              return Tensors{logits_of(model, in.at(0), mirrored)};
            }},
           {"embedding",
            {pictures},
            {{"embedding", DType::f32, {-1, options.hidden}}},
            [model](const Tensors& in) mutable { return Tensors{model->embed(in.at(0))}; }}},
          {},
          {}};
}

std::optional<Recognised> recognise_vit(const Shapes& shapes) {
  const Shape patch = shape_of(shapes, "vit.embeddings.patch_embeddings.projection.weight", 4);
  const Shape positions = shape_of(shapes, "vit.embeddings.position_embeddings", 3);
  const Shape inner = shape_of(shapes, "vit.encoder.layer.0.intermediate.dense.weight", 2);
  const Shape classifier = shape_of(shapes, "classifier.weight", 2);
  if (patch.empty() || positions.empty() || inner.empty() || classifier.empty()) return {};
  Recognised found;
  found.task = "xray-classification";
  found.config = {
      {"hidden", patch[0]},
      {"layers", count_layers(shapes, "vit.encoder.layer.", ".intermediate.dense.weight")},
      {"heads", usual_heads(patch[0])},
      {"intermediate", inner[0]},
      {"image_size", square_side(positions[1] - 1) * patch[2]},
      {"patch_size", patch[2]},
      {"channels", patch[1]},
      {"labels", classifier[0]}};
  return found;
}

Network build_dinov2(Config& config) {
  Dinov2Options options;
  config.maybe("dim", options.dim);
  config.maybe("depth", options.depth);
  config.maybe("heads", options.heads);
  config.maybe("image_size", options.image_size);
  config.maybe("patch_size", options.patch_size);
  config.maybe("registers", options.registers);
  config.maybe("classes", options.classes);
  Dinov2 model(options);
  const auto pictures = pictures_info(3, options.image_size);
  const std::int64_t side = options.image_size / options.patch_size;
  Network network{model.ptr(), {}, {}, {}};
  if (options.classes > 0)
    network.functions.push_back({"logits",
                                 {pictures},
                                 {{"logits", DType::f32, {-1, options.classes}}},
                                 [model](const Tensors& in) mutable {
                                   return Tensors{model->classify(model->forward(in.at(0)))};
                                 }});
  network.functions.push_back({"embedding",
                               {pictures},
                               {{"embedding", DType::f32, {-1, options.dim}}},
                               [model](const Tensors& in) mutable {
                                 return Tensors{model->split(model->forward(in.at(0))).cls};
                               }});
  network.functions.push_back({"tokens",
                               {pictures},
                               {{"class", DType::f32, {-1, options.dim}},
                                {"registers", DType::f32, {-1, options.registers, options.dim}},
                                {"patches", DType::f32, {-1, side * side, options.dim}}},
                               [model](const Tensors& in) mutable {
                                 const Dinov2Tokens tokens = model->split(model->forward(in.at(0)));
                                 return Tensors{tokens.cls, tokens.registers, tokens.patches};
                               }});
  return network;
}

std::optional<Recognised> recognise_dinov2(const Shapes& shapes) {
  const Shape patch = shape_of(shapes, "patch_embed.proj.weight", 4);
  const Shape positions = shape_of(shapes, "pos_embed", 3);
  const Shape registers = shape_of(shapes, "reg_token", 3);
  if (patch.empty() || positions.empty() || registers.empty()) return {};
  Recognised found;
  found.task = "xray-embedding";
  // Positions are the patches' alone: the class and register tokens have none.
  found.config = {{"dim", patch[0]},
                  {"depth", count_layers(shapes, "blocks.", ".attn.qkv.weight")},
                  {"heads", usual_heads(patch[0])},
                  {"image_size", square_side(positions[1]) * patch[2]},
                  {"patch_size", patch[2]},
                  {"registers", registers[1]}};
  if (const Shape head = shape_of(shapes, "head.weight", 2); !head.empty()) {
    found.config["classes"] = head[0];
    found.task = "xray-classification";
  }
  return found;
}

Network build_resnet(Config& config) {
  ResNetOptions options;
  config.maybe("in_channels", options.in_channels);
  config.maybe("classes", options.classes);
  config.maybe("blocks", options.blocks);
  config.maybe("bottleneck", options.bottleneck);
  config.maybe("bands", options.bands.bands);
  if (options.bands.bands < 0 || options.bands.bands > prepare::kMostBands)
    throw Error(
        "bad_network_config"_code,
        {{"network", "resnet"}, {"detail", "bands: 0 … " + std::to_string(prepare::kMostBands)}});
  config.maybe("mix_style", options.mix_style);
  std::int64_t size = 224;
  config.maybe("image_size", size);
  bool mirrored = false;
  config.maybe("mirrored", mirrored);
  ResNet model(options);
  const auto pictures = pictures_info(options.in_channels, size);
  return {model.ptr(),
          {{"logits",
            {pictures},
            {{"logits", DType::f32, {-1, options.classes}}},
            [model, mirrored](const Tensors& in) mutable {
              return Tensors{logits_of(model, in.at(0), mirrored)};
            }},
           {"embedding",
            {pictures},
            {{"embedding", DType::f32, {-1, options.features()}}},
            [model](const Tensors& in) mutable { return Tensors{model->steps(in.at(0)).pooled}; }}},
          {"num_batches_tracked"},
          {}};
}

std::optional<Recognised> recognise_resnet(const Shapes& shapes) {
  const Shape stem = shape_of(shapes, "conv1.weight", 4);
  const Shape classifier = shape_of(shapes, "fc.weight", 2);
  if (stem.empty() || classifier.empty() || !shapes.contains("layer4.0.conv1.weight")) return {};
  std::vector<std::int64_t> blocks;
  for (const char* layer : {"layer1.", "layer2.", "layer3.", "layer4."})
    blocks.push_back(count_layers(shapes, layer, ".conv1.weight"));
  Recognised found;
  found.task = "xray-classification";
  found.config = {{"in_channels", stem[1]},
                  {"classes", classifier[0]},
                  {"blocks", blocks},
                  {"bottleneck", shapes.contains("layer1.0.conv3.weight")}};
  return found;
}

}  // namespace

std::vector<Registered> picture_networks() {
  return {{"vit", build_vit, recognise_vit},
          {"dinov2", build_dinov2, recognise_dinov2},
          {"resnet", build_resnet, recognise_resnet}};
}

}  // namespace thorax::nets
