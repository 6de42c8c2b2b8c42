#include "nets/multihead_attention.h"

#include <cmath>

#include "nets/dropout.h"

namespace thorax::nets {

MultiheadAttentionImpl::MultiheadAttentionImpl(std::int64_t size, std::int64_t heads,
                                               double dropout)
    : heads_(heads), dropout_(dropout) {
  in_proj_weight_ = register_parameter("in_proj_weight", at::empty({3 * size, size}));
  in_proj_bias_ = register_parameter("in_proj_bias", at::empty({3 * size}));
  out_proj_ = register_module("out_proj", Linear(size, size));
}

Attended MultiheadAttentionImpl::forward(const Tensor& query, const Tensor& source,
                                         bool want_weights) {
  const std::int64_t batch = query.size(0), size = query.size(2);
  const auto project = [&](const Tensor& x, std::int64_t part) {
    return at::linear(x.to(in_proj_weight_.scalar_type()),
                      in_proj_weight_.narrow(0, part * size, size),
                      in_proj_bias_.narrow(0, part * size, size))
        .view({batch, -1, heads_, size / heads_})
        .transpose(1, 2);
  };
  const double scale = 1.0 / std::sqrt(static_cast<double>(size) / static_cast<double>(heads_));
  const Tensor scores = at::matmul(project(query, 0) * scale, project(source, 1).transpose(-2, -1));
  const Tensor weights = nets::dropout(at::softmax(scores, -1), dropout_, is_training());
  const Tensor values =
      at::matmul(weights, project(source, 2)).transpose(1, 2).reshape({batch, -1, size});
  return {out_proj_->forward(values), want_weights ? weights.mean(1) : Tensor()};
}

TransformerLayerImpl::TransformerLayerImpl(std::int64_t size, std::int64_t heads,
                                           std::int64_t hidden, double dropout)
    : dropout_(dropout) {
  attention_ = register_module("self_attn", MultiheadAttention(size, heads, dropout));
  linear1_ = register_module("linear1", Linear(size, hidden));
  linear2_ = register_module("linear2", Linear(hidden, size));
  norm1_ = register_module("norm1", LayerNorm(size, 1e-5));
  norm2_ = register_module("norm2", LayerNorm(size, 1e-5));
}

Tensor TransformerLayerImpl::forward(const Tensor& x) {
  const auto drop = [&](const Tensor& value) {
    return nets::dropout(value, dropout_, is_training());
  };
  const Tensor y = norm1_->forward(x + drop(attention_->forward(x, x).values));
  const Tensor hidden = drop(at::relu(linear1_->forward(y)));
  return norm2_->forward(y + drop(linear2_->forward(hidden)));
}

}  // namespace thorax::nets
