// Networks on CT volumes: CT-CLIP, its image half alone, and its classifier.
#include "nets/ctclip.h"
#include "nets/mlp_head.h"
#include "nets/registry.h"

namespace thorax::nets {
namespace {

using weights::DType;
using Tensors = std::vector<at::Tensor>;

/// CT-CLIP reads volumes of this depth; it is not in the shapes of its weights.
constexpr std::int64_t kImageDepth = 240;

struct Options : CtClipOptions {
  std::int64_t image_depth = kImageDepth;
};

Options read_options(Config& config) {
  Options options;
  config.maybe("image_depth", options.image_depth);
  CtvitOptions& image = options.image;
  config.maybe("dim", image.dim);
  config.maybe("codebook_size", image.codebook_size);
  config.maybe("image_height", image.image_height);
  config.maybe("image_width", image.image_width);
  config.maybe("patch_size", image.patch_size);
  config.maybe("temporal_patch_size", image.temporal_patch_size);
  config.maybe("spatial_depth", image.spatial_depth);
  config.maybe("temporal_depth", image.temporal_depth);
  config.maybe("dim_head", image.dim_head);
  config.maybe("heads", image.heads);
  config.maybe("latent", options.latent);
  return options;
}

void read_text_options(Config& config, BertOptions& text) {
  config.maybe("text_vocabulary", text.vocabulary);
  config.maybe("text_hidden", text.hidden);
  config.maybe("text_layers", text.layers);
  config.maybe("text_heads", text.heads);
  config.maybe("text_intermediate", text.intermediate);
  config.maybe("text_positions", text.positions);
}

weights::TensorInfo volume_info(const Options& options) {
  return {"volume",
          DType::f32,
          {-1, 1, options.image_depth, options.image.image_height, options.image.image_width}};
}

Function image_function(const Options& options,
                        std::function<at::Tensor(const at::Tensor&)> embed) {
  return {"image",
          {volume_info(options)},
          {{"embedding", DType::f32, {-1, options.latent}}},
          [embed = std::move(embed)](const Tensors& in) { return Tensors{embed(in.at(0))}; }};
}

/// Texts come out normalised and times exp(temperature), so that the similarity of CT-CLIP is the
/// scalar product with a normalised image embedding.
Function text_function(const CtClipOptions& options, CtClip model) {
  return {"text",
          {{"ids", DType::i64, {-1, -1}}, {"mask", DType::i64, {-1, -1}}},
          {{"scaled_embedding", DType::f32, {-1, options.latent}}},
          [model](const Tensors& in) mutable {
            const at::Tensor embedding = model->embed_text(in.at(0), in.at(1)).to(at::kFloat);
            return Tensors{l2_normalise(embedding) * at::exp(model->temperature.to(at::kFloat))};
          }};
}

std::vector<std::string> unused_keys(const std::string& prefix) {
  return {prefix + "to_text_latent_extra.weight", prefix + "to_visual_latent_extra.weight"};
}

Network build_ctclip(Config& config) {
  Options options = read_options(config);
  read_text_options(config, options.text);
  CtClip model(options);
  return {model.ptr(),
          {image_function(options,
                          [model](const at::Tensor& x) mutable { return model->embed_image(x); }),
           text_function(options, model)},
          {"position_ids"},
          unused_keys("")};
}

Network build_image_encoder(Config& config) {
  const Options options = read_options(config);
  CtImageEncoder model(options);
  return {
      model.ptr(),
      {image_function(options, [model](const at::Tensor& x) mutable { return model->forward(x); })},
      {},
      {}};
}

Network build_classfine(Config& config) {
  Options options = read_options(config);
  read_text_options(config, options.text);
  const auto classes = config.need<std::int64_t>("classes");
  ClassFine network(options, classes);
  Function logits{
      "logits",
      {volume_info(options)},
      {{"logits", DType::f32, {-1, classes}}, {"embedding", DType::f32, {-1, options.latent}}},
      [network](const Tensors& in) mutable {
        const at::Tensor embedding = network->model()->embed_image(in.at(0));
        return Tensors{network->classify(embedding), embedding};
      }};
  return {network.ptr(),
          {std::move(logits), text_function(options, network->model())},
          {"position_ids"},
          unused_keys("trained_model.")};
}

/// Configuration of the image half from the shapes under `vit`, its projection at `projection`;
/// nothing when one of the keys is absent or the shapes are of something else.
std::optional<nlohmann::json> image_config(const Shapes& shapes, const std::string& vit,
                                           const std::string& projection) {
  const auto block = shape_of(shapes, vit + "to_pixels.0.weight", 2);
  const auto plane = shape_of(shapes, vit + "to_pixels_first_frame.0.weight", 2);
  const auto codes = shape_of(shapes, vit + "vq._codebook.embed", 3);
  const auto query = shape_of(shapes, vit + "enc_spatial_transformer.layers.0.1.to_q.weight", 2);
  const auto scale = shape_of(shapes, vit + "enc_spatial_transformer.layers.0.1.q_scale", 1);
  const auto latent = shape_of(shapes, projection, 2);
  if (block.empty() || plane.empty() || codes.empty() || query.empty() || scale.empty() ||
      latent.empty())
    return {};
  const std::int64_t dim = block[1];
  const std::int64_t patch = square_side(plane[0]), grid = square_side(latent[1] / dim);
  if (patch == 0 || grid == 0 || block[0] % plane[0] != 0) return {};
  return nlohmann::json{
      {"dim", dim},
      {"codebook_size", codes[1]},
      {"image_height", grid * patch},
      {"image_width", grid * patch},
      {"patch_size", patch},
      {"temporal_patch_size", block[0] / plane[0]},
      {"spatial_depth",
       count_layers(shapes, vit + "enc_spatial_transformer.layers.", ".1.to_q.weight")},
      {"temporal_depth",
       count_layers(shapes, vit + "enc_temporal_transformer.layers.", ".1.to_q.weight")},
      {"dim_head", scale[0]},
      {"heads", query[0] / scale[0]},
      {"latent", latent[0]}};
}

/// Adds the text half's; false when it is not there.
bool add_text_config(const Shapes& shapes, const std::string& text, nlohmann::json& config) {
  const Shape words = shape_of(shapes, text + "embeddings.word_embeddings.weight", 2);
  const Shape positions = shape_of(shapes, text + "embeddings.position_embeddings.weight", 2);
  const Shape inner = shape_of(shapes, text + "encoder.layer.0.intermediate.dense.weight", 2);
  if (words.empty() || positions.empty() || inner.empty()) return false;
  config["text_vocabulary"] = words[0];
  config["text_hidden"] = words[1];
  config["text_heads"] = usual_heads(words[1]);
  config["text_positions"] = positions[0];
  config["text_intermediate"] = inner[0];
  config["text_layers"] =
      count_layers(shapes, text + "encoder.layer.", ".intermediate.dense.weight");
  return true;
}

std::optional<Recognised> recognise_ctclip(const Shapes& shapes) {
  auto config = image_config(shapes, "visual_transformer.", "to_visual_latent.weight");
  if (!config || !add_text_config(shapes, "text_transformer.", *config)) return {};
  return Recognised{"", std::move(*config), "ct-embedding", {}, {}};
}

std::optional<Recognised> recognise_image_encoder(const Shapes& shapes) {
  auto config = image_config(shapes, "VIT.", "projection_layer.weight");
  if (!config) return {};
  return Recognised{"", std::move(*config), "ct-embedding", {}, {}};
}

std::optional<Recognised> recognise_classfine(const Shapes& shapes) {
  auto config = image_config(shapes, "trained_model.visual_transformer.",
                             "trained_model.to_visual_latent.weight");
  const Shape classifier = shape_of(shapes, "classifier.weight", 2);
  if (!config || classifier.empty() ||
      !add_text_config(shapes, "trained_model.text_transformer.", *config))
    return {};
  (*config)["classes"] = classifier[0];
  return Recognised{"", std::move(*config), "ct-findings", {}, {}};
}

}  // namespace

std::vector<Registered> ct_networks() {
  return {{"ctclip", build_ctclip, recognise_ctclip},
          {"ct_image_encoder", build_image_encoder, recognise_image_encoder},
          {"ctclip_classfine", build_classfine, recognise_classfine}};
}

}  // namespace thorax::nets
