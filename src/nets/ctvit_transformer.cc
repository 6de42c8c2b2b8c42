#include "nets/ctvit_transformer.h"

#include "nets/attention.h"
#include "nets/parallel.h"
#include "nets/position_conv.h"

namespace thorax::nets {
namespace {

// Tokens that go through attention and feed-forward together, so that what lies between the layers
// stays in a core's cache and memory does not grow with the volume.
constexpr std::int64_t kTokensAtOnce = 576;

bool is_packed(const CtvitAttentionImpl& attention, const Tensor& x) {
  CtvitLayerWeights weights;
  attention.give(weights);
  return may_pack(weights.to_q) && x.scalar_type() == at::kFloat &&
         weights.to_q.scalar_type() == at::kBFloat16;
}

}  // namespace

GammaNormImpl::GammaNormImpl(std::int64_t dim) {
  gamma = register_parameter("gamma", at::empty({dim}));
  beta = register_buffer("beta", at::empty({dim}));
}

PositionGeneratorImpl::PositionGeneratorImpl(std::int64_t dim) {
  dsconv =
      register_module("dsconv", Conv(dim, dim, ConvOptions{.kernel = {3, 3, 3}, .groups = dim}));
}

Tensor PositionGeneratorImpl::forward(const Tensor& x, const TokenGrid& grid) const {
  const Tensor cells =
      x.contiguous().view({grid.batch, grid.first, grid.second, grid.third, x.size(-1)});
  if (cells.is_cpu() && !at::GradMode::is_enabled()) {
    return add_position_conv(cells, dsconv->weight, dsconv->bias).view(x.sizes());
  }
  // Padding is given from the last axis backwards; dim has been moved to the front.
  const Tensor padded = at::constant_pad_nd(cells.permute({0, 4, 1, 2, 3}), {1, 1, 1, 1, 2, 0});
  return dsconv->forward(padded).permute({0, 2, 3, 4, 1}).reshape(x.sizes()) + x;
}

CtvitAttentionImpl::CtvitAttentionImpl(std::int64_t dim, std::int64_t dim_head, std::int64_t heads)
    : heads_(heads) {
  const std::int64_t inner = dim_head * heads;
  null_kv_ = register_parameter("null_kv", at::empty({heads, 0, dim_head}));
  q_scale_ = register_parameter("q_scale", at::empty({dim_head}));
  k_scale_ = register_parameter("k_scale", at::empty({dim_head}));
  norm_ = register_module("norm", GammaNorm(dim));
  register_module("context_norm", GammaNorm(dim));  // only used for cross attention
  to_q_ = register_module("to_q", Linear(dim, inner, /*with_bias=*/false));
  to_kv_ = register_module("to_kv", Linear(dim, 2 * inner, /*with_bias=*/false));
  to_out_ = register_module("to_out", Linear(inner, dim, /*with_bias=*/false));
}

Tensor CtvitAttentionImpl::forward(const Tensor& x, const Tensor& bias) const {
  const auto keys_values = to_kv_->forward(x).chunk(2, -1);
  const Tensor queries = split_heads(to_q_->forward(norm_->forward(x)), heads_);
  const Tensor keys = split_heads(keys_values[0], heads_);
  // The scale of the logits is cheapest on the queries, with theirs.
  const auto unit = [](const Tensor& t, const Tensor& scale) {
    return (l2_normalise(widen(t)) * scale).to(t.scalar_type());
  };
  const Tensor mixed = attend(unit(queries, q_scale_ * kCosineScale), unit(keys, k_scale_),
                              split_heads(keys_values[1], heads_), 1, bias);
  return to_out_->forward(mixed);
}

void CtvitAttentionImpl::give(CtvitLayerWeights& weights) const {
  weights.heads = heads_;
  weights.norm_scale = norm_->gamma;
  weights.norm_shift = norm_->beta;
  weights.q_scale = q_scale_;
  weights.k_scale = k_scale_;
  weights.to_q = to_q_->weight;
  weights.to_kv = to_kv_->weight;
  weights.to_out = to_out_->weight;
}

GatedFeedForwardImpl::GatedFeedForwardImpl(std::int64_t dim) {
  // The reference computes int(4 * (2 / 3) * dim).
  const auto inner = static_cast<std::int64_t>(4 * (2.0 / 3.0) * static_cast<double>(dim));
  norm_ = register_module("0", LayerNorm(dim, 1e-5));
  in_ = register_module("1", Linear(dim, 2 * inner, /*with_bias=*/false));
  out_ = register_module("4", Linear(inner, dim, /*with_bias=*/false));
}

Tensor GatedFeedForwardImpl::forward(const Tensor& x) const {
  const auto halves = in_->forward(norm_->forward(x)).chunk(2, -1);
  return out_->forward(halves[0] * at::gelu(halves[1]));
}

void GatedFeedForwardImpl::give(CtvitLayerWeights& weights) const {
  weights.feed_scale = norm_->weight;
  weights.feed_shift = norm_->bias;
  weights.feed_in = in_->weight;
  weights.feed_out = out_->weight;
}

CtvitTransformerImpl::CtvitTransformerImpl(std::int64_t dim, std::int64_t depth,
                                           std::int64_t dim_head, std::int64_t heads) {
  const auto layers = add_group(*this, "layers");
  for (std::int64_t i = 0; i < depth; ++i) {
    const auto layer = add_group(*layers, std::to_string(i));
    // 2 would be cross attention, which the encoder does not have.
    layers_.push_back({layer->register_module("0", PositionGenerator(dim)),
                       layer->register_module("1", CtvitAttention(dim, dim_head, heads)),
                       layer->register_module("3", GatedFeedForward(dim)),
                       std::make_shared<MadeFrom<CtvitLayer>>()});
  }
  norm_out_ = register_module("norm_out", GammaNorm(dim));
}

std::shared_ptr<const CtvitLayer> CtvitTransformerImpl::packed(const Layer& layer) {
  CtvitLayerWeights weights;
  layer.attention->give(weights);
  layer.feed_forward->give(weights);
  return layer.packed->get(
      {weights.norm_scale, weights.norm_shift, weights.q_scale, weights.k_scale, weights.to_q,
       weights.to_kv, weights.to_out, weights.feed_scale, weights.feed_shift, weights.feed_in,
       weights.feed_out},
      [&] { return std::make_shared<const CtvitLayer>(weights); });
}

Tensor CtvitTransformerImpl::forward(const Tensor& x, const TokenGrid& grid, const Tensor& bias) {
  const std::int64_t sequences = x.size(0);

  const std::int64_t at_once = std::max<std::int64_t>(1, kTokensAtOnce / x.size(1));
  Tensor y = x;
  for (const Layer& layer : layers_) {
    y = layer.positions->forward(y, grid);
    const auto run = [&](const Tensor& part) {
      const Tensor attended = layer.attention->forward(part, bias) + part;
      return layer.feed_forward->forward(attended) + attended;
    };
    if (at::GradMode::is_enabled()) {
      y = run(y);
      continue;
    }
    const std::int64_t parts = (sequences + at_once - 1) / at_once;
    if (is_packed(*layer.attention, y)) {
      const std::shared_ptr<const CtvitLayer> fused = packed(layer);
      const Tensor offsets = bias.defined() ? bias.to(at::kFloat).contiguous() : Tensor();
      parallel_parts(parts, [&](std::int64_t i) {
        const std::int64_t begin = i * at_once;
        fused->run(y.data_ptr<float>() + begin * y.stride(0), std::min(at_once, sequences - begin),
                   y.size(1), bias.defined() ? offsets.data_ptr<float>() : nullptr);
      });
      continue;
    }
    parallel_parts(parts, [&](std::int64_t i) {
      const std::int64_t begin = i * at_once;
      const Tensor part = y.narrow(0, begin, std::min(at_once, sequences - begin));
      part.copy_(run(part));
    });
  }
  return norm_out_->forward(y);
}

PositionBiasImpl::PositionBiasImpl(std::int64_t dim, std::int64_t heads) {
  const auto net = add_group(*this, "net");
  first_ = add_group(*net, "0")->register_module("0", Linear(2, dim));
  second_ = add_group(*net, "1")->register_module("0", Linear(dim, dim));
  last_ = net->register_module("2", Linear(dim, heads));
}

Tensor PositionBiasImpl::forward(std::int64_t rows, std::int64_t columns) const {
  const auto options = first_->weight.options();
  // Only (2 rows - 1)(2 columns - 1) differences exist; the network runs on those.
  const auto logarithm = [&](std::int64_t size) {
    const Tensor steps = at::arange(1 - size, size, options);
    return at::sign(steps) * at::log(at::abs(steps) + 1);
  };
  const auto offsets = at::meshgrid({logarithm(rows), logarithm(columns)}, "ij");
  Tensor x = at::stack(offsets, -1).view({-1, 2});
  x = at::leaky_relu(first_->forward(x), 0.1);
  x = at::leaky_relu(second_->forward(x), 0.1);
  const Tensor table = last_->forward(x).t().contiguous();  // [heads, differences]
  const auto difference = [&](std::int64_t size) {
    const Tensor steps = at::arange(size, options.dtype(at::kLong));
    return steps.unsqueeze(1) - steps.unsqueeze(0) + (size - 1);  // query, key
  };
  const std::int64_t cells = rows * columns;
  const Tensor index = (difference(rows).view({rows, 1, rows, 1}) * (2 * columns - 1) +
                        difference(columns).view({1, columns, 1, columns}))
                           .reshape({-1});
  return table.index_select(1, index).view({-1, cells, cells});
}

}  // namespace thorax::nets
