#include "nets/bart.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "nets/activation.h"
#include "nets/dropout.h"

namespace thorax::nets {
namespace {

// The first two rows of the position table are not used.
constexpr std::int64_t kPositionOffset = 2;

// 0 where a token counts, the lowest fp32 number where it does not; [B, 1, 1, S].
Tensor additive(const Tensor& mask, at::ScalarType type) {
  if (!mask.defined()) return {};
  const Tensor hidden = (mask == 0).to(type).unsqueeze(1).unsqueeze(1);
  return hidden * static_cast<double>(std::numeric_limits<float>::lowest());
}

}  // namespace

BartAttentionImpl::BartAttentionImpl(std::int64_t size, std::int64_t heads, double dropout)
    : heads_(heads), dropout_(dropout) {
  k_ = register_module("k_proj", Linear(size, size));
  v_ = register_module("v_proj", Linear(size, size));
  q_ = register_module("q_proj", Linear(size, size));
  out_ = register_module("out_proj", Linear(size, size));
}

KeysValues BartAttentionImpl::project(const Tensor& source) {
  const std::int64_t batch = source.size(0), size = source.size(2);
  const auto heads = [&](const Tensor& x) {
    return x.view({batch, -1, heads_, size / heads_}).transpose(1, 2);
  };
  return {heads(k_->forward(source)), heads(v_->forward(source))};
}

Tensor BartAttentionImpl::forward(const Tensor& query, const KeysValues& source, const Tensor& mask,
                                  Tensor* weights) {
  const std::int64_t batch = query.size(0), size = query.size(2);
  const double scale = 1.0 / std::sqrt(static_cast<double>(size) / static_cast<double>(heads_));
  const Tensor q =
      (q_->forward(query) * scale).view({batch, -1, heads_, size / heads_}).transpose(1, 2);
  Tensor scores = at::matmul(q, source.keys.transpose(-2, -1));
  if (mask.defined()) scores = scores + mask;
  const Tensor attention = at::softmax(scores, -1);
  if (weights) *weights = attention;
  const Tensor kept = nets::dropout(attention, dropout_, is_training());
  const Tensor values = at::matmul(kept.to(source.values.scalar_type()), source.values);
  return out_->forward(values.transpose(1, 2).reshape({batch, -1, size}));
}

BartLayerImpl::BartLayerImpl(std::int64_t size, std::int64_t heads, std::int64_t hidden,
                             bool decoder, double dropout)
    : dropout_(dropout) {
  self_attention_ = register_module("self_attn", BartAttention(size, heads, dropout));
  self_norm_ = register_module("self_attn_layer_norm", LayerNorm(size, 1e-5));
  if (decoder) {
    cross_attention_ = register_module("encoder_attn", BartAttention(size, heads, dropout));
    cross_norm_ = register_module("encoder_attn_layer_norm", LayerNorm(size, 1e-5));
  }
  fc1_ = register_module("fc1", Linear(size, hidden));
  fc2_ = register_module("fc2", Linear(hidden, size));
  final_norm_ = register_module("final_layer_norm", LayerNorm(size, 1e-5));
}

Tensor BartLayerImpl::dropped(const Tensor& x) const {
  return nets::dropout(x, dropout_, is_training());
}

Tensor BartLayerImpl::self(const Tensor& x, const KeysValues& source, const Tensor& mask,
                           Tensor* weights) {
  return self_norm_->forward(x + dropped(self_attention_->forward(x, source, mask, weights)));
}

Tensor BartLayerImpl::cross(const Tensor& x, const KeysValues& source, const Tensor& mask,
                            Tensor* weights) {
  return cross_norm_->forward(x + dropped(cross_attention_->forward(x, source, mask, weights)));
}

Tensor BartLayerImpl::feed_forward(const Tensor& x) {
  const Tensor hidden = dropped(nets::gelu(fc1_->forward(x)));
  return final_norm_->forward(x + dropped(fc2_->forward(hidden)));
}

BartStackImpl::BartStackImpl(const BartOptions& options, bool decoder, const Tensor& shared)
    : dropout_(options.dropout), shared_(shared) {
  register_module("embed_tokens", SharedWeight(shared));
  positions_ = register_module("embed_positions",
                               Embedding(options.positions + kPositionOffset, options.size));
  auto layers = register_module("layers", make_namespace());
  for (std::int64_t i = 0; i < (decoder ? options.decoder_layers : options.encoder_layers); ++i) {
    layers_.push_back(layers->register_module(
        std::to_string(i),
        BartLayer(options.size, decoder ? options.decoder_heads : options.encoder_heads,
                  decoder ? options.decoder_hidden : options.encoder_hidden, decoder,
                  options.dropout)));
  }
  norm_ = register_module("layernorm_embedding", LayerNorm(options.size, 1e-5));
}

Tensor BartStackImpl::embed(const Tensor& ids, std::int64_t first) {
  const std::int64_t length = ids.size(1), most = positions_->weight.size(0) - kPositionOffset;
  if (first + length > most) {
    throw Error("bad_network_input"_code, {{"network", "BART"},
                                           {"shape", "[" + std::to_string(first + length) + "]"},
                                           {"detail", "<= " + std::to_string(most)}});
  }
  const Tensor embedded = norm_->forward(
      at::embedding(shared_, ids) + positions_->weight.narrow(0, kPositionOffset + first, length));
  return nets::dropout(embedded, dropout_, is_training());
}

BartImpl::BartImpl(const BartOptions& options) {
  if (options.output_bias) {
    final_logits_bias = register_buffer("final_logits_bias", at::zeros({1, options.vocabulary}));
  }
  shared_ = at::empty({options.vocabulary, options.size});
  auto model = register_module("model", make_namespace());
  model->register_module("shared", SharedWeight(shared_));
  encoder_ = model->register_module("encoder", BartStack(options, /*decoder=*/false, shared_));
  decoder_ = model->register_module("decoder", BartStack(options, /*decoder=*/true, shared_));
  register_module("lm_head", SharedWeight(shared_));
}

Tensor BartImpl::logits(const Tensor& hidden) {
  const Tensor raw = at::linear(hidden.to(shared_.scalar_type()), shared_);
  return final_logits_bias.defined() ? raw + final_logits_bias : raw;
}

BartEncoded BartImpl::encode(const Tensor& ids, const Tensor& mask) {
  BartEncoded result{.embedding = encoder_->embed(ids), .last = {}, .first_attention = {}};
  const Tensor added = additive(mask, result.embedding.scalar_type());
  Tensor x = result.embedding;
  for (BartLayer& layer : encoder_->layers()) {
    x = layer->self(x, layer->self_source(x), added,
                    result.first_attention.defined() ? nullptr : &result.first_attention);
    x = layer->feed_forward(x);
  }
  result.last = x;
  return result;
}

BartDecoded BartImpl::decode(const Tensor& ids, const Tensor& encoded, const Tensor& mask) {
  BartDecoded result{
      .embedding = decoder_->embed(ids), .last = {}, .cross_attentions = {}, .logits = {}};
  Tensor x = result.embedding;
  const std::int64_t length = ids.size(1);
  const Tensor causal =
      at::full({length, length}, std::numeric_limits<float>::lowest(), x.options()).triu(1);
  const Tensor added = additive(mask, x.scalar_type());
  for (BartLayer& layer : decoder_->layers()) {
    x = layer->self(x, layer->self_source(x), causal);
    x = layer->cross(x, layer->cross_source(encoded), added,
                     &result.cross_attentions.emplace_back());
    x = layer->feed_forward(x);
  }
  result.last = x;
  result.logits = logits(x);
  return result;
}

BartMemory BartImpl::remember(const Tensor& encoded, const Tensor& mask, std::int64_t beams) {
  BartMemory memory{.beams = beams, .length = 0, .self = {}, .cross = {}, .mask = {}};
  for (BartLayer& layer : decoder_->layers()) {
    const KeysValues source = layer->cross_source(encoded);
    memory.cross.push_back({source.keys.contiguous(), source.values.contiguous()});
  }
  memory.self.resize(memory.cross.size());
  memory.mask = additive(mask, encoded.scalar_type());
  return memory;
}

Tensor BartImpl::step(const Tensor& ids, const Tensor& from, BartMemory& memory) {
  const std::int64_t rows = ids.size(0), size = shared_.size(1);
  Tensor x = decoder_->embed(ids.unsqueeze(1), memory.length);
  for (std::size_t i = 0; i < decoder_->layers().size(); ++i) {
    BartLayer& layer = decoder_->layers()[i];
    KeysValues& past = memory.self[i];
    const KeysValues now = layer->self_source(x);
    if (memory.length == 0) {
      past = now;
    } else {
      past.keys = at::cat({past.keys.index_select(0, from), now.keys}, 2);
      past.values = at::cat({past.values.index_select(0, from), now.values}, 2);
    }
    x = layer->self(x, past, {});
    // The beams of a source look at the same text: they are the query positions of one attention.
    x = layer->cross(x.view({rows / memory.beams, memory.beams, size}), memory.cross[i],
                     memory.mask);
    x = layer->feed_forward(x.view({rows, 1, size}));
  }
  ++memory.length;
  return logits(x.view({rows, size}));
}

Tensor shift_right(const Tensor& labels, std::int64_t start, std::int64_t padding) {
  const Tensor shifted = at::cat({at::full({labels.size(0), 1}, start, labels.options()),
                                  labels.narrow(1, 0, labels.size(1) - 1)},
                                 1);
  return shifted.masked_fill(shifted == -100, padding);
}

Tensor text_loss(const Tensor& logits, const Tensor& labels) {
  return at::cross_entropy_loss(logits.reshape({-1, logits.size(-1)}), labels.reshape({-1}));
}

}  // namespace thorax::nets
