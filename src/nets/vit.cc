#include "nets/vit.h"

#include "nets/activation.h"

namespace thorax::nets {
namespace {

constexpr double kEpsilon = 1e-12;

}  // namespace

VitLayerImpl::VitLayerImpl(const VitOptions& options)
    : heads_(options.heads),
      scale_(1 / std::sqrt(static_cast<double>(options.hidden / options.heads))) {
  const std::int64_t hidden = options.hidden;
  const auto attention = add_group(*this, "attention");
  const auto self = add_group(*attention, "attention");
  query_ = self->register_module("query", Linear(hidden, hidden));
  key_ = self->register_module("key", Linear(hidden, hidden));
  value_ = self->register_module("value", Linear(hidden, hidden));
  attention_out_ =
      add_group(*attention, "output")->register_module("dense", Linear(hidden, hidden));
  intermediate_ = add_group(*this, "intermediate")
                      ->register_module("dense", Linear(hidden, options.intermediate));
  out_ = add_group(*this, "output")->register_module("dense", Linear(options.intermediate, hidden));
  norm_before_ = register_module("layernorm_before", LayerNorm(hidden, kEpsilon));
  norm_after_ = register_module("layernorm_after", LayerNorm(hidden, kEpsilon));
}

Tensor VitLayerImpl::forward(const Tensor& x, Tensor* weights) const {
  const Tensor normed = norm_before_->forward(x);
  const Tensor q = split_heads(query_->forward(normed), heads_);
  const Tensor k = split_heads(key_->forward(normed), heads_);
  const Tensor v = split_heads(value_->forward(normed), heads_);
  if (weights != nullptr) *weights = attention_weights(q, k, scale_);
  const Tensor h = attention_out_->forward(attend(q, k, v, scale_)) + x;
  return out_->forward(nets::gelu(intermediate_->forward(norm_after_->forward(h)))) + h;
}

VisionLayerWeights VitLayerImpl::weights() const {
  return {.heads = heads_,
          .epsilon = kEpsilon,
          .norm1_scale = norm_before_->weight,
          .norm1_shift = norm_before_->bias,
          .qkv = {query_->weight, key_->weight, value_->weight},
          .qkv_bias = {query_->bias, key_->bias, value_->bias},
          .out = attention_out_->weight,
          .out_bias = attention_out_->bias,
          .norm2_scale = norm_after_->weight,
          .norm2_shift = norm_after_->bias,
          .up = intermediate_->weight,
          .up_bias = intermediate_->bias,
          .down = out_->weight,
          .down_bias = out_->bias,
          .attention_factor = {},
          .feed_factor = {}};
}

void VitLayerImpl::advance(Tensor& x) const {
  if (is_training() || !advance_fused(x, weights(), *fused_)) x = forward(x);
}

VitImpl::VitImpl(const VitOptions& options) : options_(options) {
  const auto vit = add_group(*this, "vit");
  const auto embeddings = add_group(*vit, "embeddings");
  const std::int64_t side = options.image_size / options.patch_size;
  cls_token_ = embeddings->register_parameter("cls_token", at::empty({1, 1, options.hidden}));
  positions_ = embeddings->register_parameter("position_embeddings",
                                              at::empty({1, side * side + 1, options.hidden}));
  patches_ = add_group(*embeddings, "patch_embeddings")
                 ->register_module("projection", PatchEmbedding(options.channels, options.hidden,
                                                                options.patch_size));
  const auto layers = add_group(*add_group(*vit, "encoder"), "layer");
  for (std::int64_t i = 0; i < options.layers; ++i) {
    layers_.push_back(layers->register_module(std::to_string(i), VitLayer(options)));
  }
  norm_ = vit->register_module("layernorm", LayerNorm(options.hidden, kEpsilon));
  classifier_ = register_module("classifier", Linear(options.hidden, options.labels));
}

Tensor VitImpl::start(const Tensor& pictures) const {
  require_pictures("ViT", pictures, options_.channels, options_.image_size);
  const Tensor patches = widen(patches_->forward(pictures));
  return at::cat({widen(cls_token_).expand({patches.size(0), -1, -1}), patches}, 1) + positions_;
}

Tensor VitImpl::embed(const Tensor& pictures) {
  Tensor x = start(pictures);
  for (const VitLayer& layer : layers_) layer->advance(x);
  return norm_->forward(x.select(1, 0));
}

Tensor VitImpl::forward(const Tensor& pictures) {
  return classifier_->forward(embed(pictures));
}

Tensor VitImpl::forward(const Tensor& pictures, VitTrace& trace) {
  trace.hidden = {start(pictures)};
  trace.attentions.clear();
  for (const VitLayer& layer : layers_) {
    trace.hidden.push_back(layer->forward(trace.hidden.back(), &trace.attentions.emplace_back()));
  }
  trace.normed = norm_->forward(trace.hidden.back());
  return classifier_->forward(trace.normed.select(1, 0));
}

}  // namespace thorax::nets
