#include "nets/bert.h"

#include <limits>

#include "nets/activation.h"

namespace thorax::nets {
namespace {

constexpr double kEpsilon = 1e-12;

}  // namespace

BertLayerImpl::BertLayerImpl(const BertOptions& options) : heads_(options.heads) {
  const std::int64_t hidden = options.hidden;
  const auto attention = add_group(*this, "attention");
  const auto self = add_group(*attention, "self");
  query_ = self->register_module("query", Linear(hidden, hidden));
  key_ = self->register_module("key", Linear(hidden, hidden));
  value_ = self->register_module("value", Linear(hidden, hidden));
  const auto output = add_group(*attention, "output");
  attention_out_ = output->register_module("dense", Linear(hidden, hidden));
  attention_norm_ = output->register_module("LayerNorm", LayerNorm(hidden, kEpsilon));
  intermediate_ = add_group(*this, "intermediate")
                      ->register_module("dense", Linear(hidden, options.intermediate));
  const auto last = add_group(*this, "output");
  out_ = last->register_module("dense", Linear(options.intermediate, hidden));
  out_norm_ = last->register_module("LayerNorm", LayerNorm(hidden, kEpsilon));
}

Tensor BertLayerImpl::forward(const Tensor& x, const Tensor& mask) const {
  const std::int64_t batch = x.size(0), length = x.size(1), size = x.size(2) / heads_;
  const auto split = [&](const Tensor& t) {
    return t.view({batch, length, heads_, size}).transpose(1, 2);
  };
  const Tensor queries = split(query_->forward(x)) * (1 / std::sqrt(static_cast<double>(size)));
  const Tensor logits = at::matmul(queries, split(key_->forward(x)).transpose(-1, -2)) + mask;
  const Tensor mixed =
      at::matmul(at::softmax(logits, -1).to(queries.scalar_type()), split(value_->forward(x)));
  const Tensor attended = attention_norm_->forward(
      attention_out_->forward(mixed.transpose(1, 2).reshape(x.sizes())) + x);
  return out_norm_->forward(out_->forward(nets::gelu(intermediate_->forward(attended))) + attended);
}

BertImpl::BertImpl(const BertOptions& options) {
  const auto embeddings = add_group(*this, "embeddings");
  embeddings->register_buffer("position_ids", at::arange(options.positions).unsqueeze(0));
  words_ =
      embeddings->register_module("word_embeddings", Embedding(options.vocabulary, options.hidden));
  positions_ = embeddings->register_module("position_embeddings",
                                           Embedding(options.positions, options.hidden));
  types_ = embeddings->register_module("token_type_embeddings", Embedding(2, options.hidden));
  norm_ = embeddings->register_module("LayerNorm", LayerNorm(options.hidden, kEpsilon));
  const auto layers = add_group(*add_group(*this, "encoder"), "layer");
  for (std::int64_t i = 0; i < options.layers; ++i) {
    layers_.push_back(layers->register_module(std::to_string(i), BertLayer(options)));
  }
  // In every checkpoint; CT-CLIP takes the first token's hidden state instead.
  add_group(*this, "pooler")->register_module("dense", Linear(options.hidden, options.hidden));
}

Tensor BertImpl::forward(const Tensor& ids, const Tensor& mask) {
  const Tensor positions = positions_->weight.slice(0, 0, ids.size(1));
  Tensor x = norm_->forward(widen(words_->forward(ids)) + types_->weight[0] + positions);
  // A key of padding gets the most negative number, whose softmax is exactly 0.
  constexpr float lowest = std::numeric_limits<float>::lowest();
  const Tensor additive = (1 - mask.to(x.scalar_type())).mul(lowest).unsqueeze(1).unsqueeze(1);
  for (const BertLayer& layer : layers_) x = layer->forward(x, additive);
  return x;
}

}  // namespace thorax::nets
