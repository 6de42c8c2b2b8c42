#include "nets/window_attention.h"

#include <algorithm>
#include <cmath>

#include "nets/activation.h"

namespace thorax::nets {
namespace {

// Windows that attend at once. Attention scores of all windows of a 96^3 volume would take half a
// gigabyte a head group; in slices of a few megabytes they stay in the cache.
constexpr std::int64_t kScoreElements = std::int64_t{1} << 22;

Tensor relative_index(std::int64_t window) {
  const std::int64_t tokens = window * window * window, span = 2 * window - 1;
  Tensor index = at::empty({tokens, tokens}, at::kLong);
  auto* values = index.data_ptr<std::int64_t>();
  const auto place = [&](std::int64_t token) {
    return Grid{token / (window * window), token / window % window, token % window};
  };
  for (std::int64_t a = 0; a < tokens; ++a) {
    for (std::int64_t b = 0; b < tokens; ++b) {
      const Grid p = place(a), q = place(b);
      std::int64_t flat = 0;
      for (std::size_t axis = 0; axis < 3; ++axis)
        flat = flat * span + p[axis] - q[axis] + window - 1;
      values[a * tokens + b] = flat;
    }
  }
  return index;
}

}  // namespace

WindowPlan::WindowPlan(const Grid& sizes, std::int64_t full, std::int64_t full_shift)
    : grid(sizes), padding_token(sizes[0] * sizes[1] * sizes[2]), padded(false), shifted(false) {
  Grid windows;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool whole = grid[axis] <= full;
    window[axis] = whole ? grid[axis] : full;
    shift[axis] = whole ? 0 : full_shift;
    windows[axis] = (grid[axis] + window[axis] - 1) / window[axis];
    padded = padded || windows[axis] * window[axis] != grid[axis];
    shifted = shifted || shift[axis] > 0;
  }
  count = windows[0] * windows[1] * windows[2];
  tokens = window[0] * window[1] * window[2];
  gather = at::empty({count * tokens}, at::kLong);
  scatter = at::empty({padding_token}, at::kLong);
  kind = at::zeros({count}, at::kLong);
  auto* from = gather.data_ptr<std::int64_t>();
  auto* to = scatter.data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < count; ++n) {
    const Grid first{n / (windows[1] * windows[2]), n / windows[2] % windows[1], n % windows[2]};
    std::int64_t bits = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (shift[axis] > 0 && first[axis] == windows[axis] - 1) bits |= std::int64_t{1} << axis;
    }
    kind.data_ptr<std::int64_t>()[n] = bits;
    for (std::int64_t t = 0; t < tokens; ++t) {
      const Grid inside{t / (window[1] * window[2]), t / window[2] % window[1], t % window[2]};
      std::int64_t token = 0;
      bool padding = false;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t size = windows[axis] * window[axis];
        const std::int64_t at = (first[axis] * window[axis] + inside[axis] + shift[axis]) % size;
        padding = padding || at >= grid[axis];
        token = token * grid[axis] + at;
      }
      from[n * tokens + t] = padding ? padding_token : token;
      if (!padding) to[token] = n * tokens + t;
    }
  }
  if (!shifted) return;
  // In the last window of a shifted axis the tail came round from the other end of the grid: the
  // two parts may not see each other.
  mask = at::zeros({8, tokens, tokens});
  auto* values = mask.data_ptr<float>();
  for (std::int64_t bits = 0; bits < 8; ++bits) {
    std::vector<int> part(static_cast<std::size_t>(tokens));
    for (std::int64_t t = 0; t < tokens; ++t) {
      const Grid inside{t / (window[1] * window[2]), t / window[2] % window[1], t % window[2]};
      int& value = part[static_cast<std::size_t>(t)];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const bool tail = (bits >> axis & 1) != 0 && inside[axis] >= window[axis] - shift[axis];
        value = 2 * value + (tail ? 1 : 0);
      }
    }
    for (std::size_t a = 0; a < part.size(); ++a) {
      for (std::size_t b = 0; b < part.size(); ++b) *values++ = part[a] == part[b] ? 0.F : -100.F;
    }
  }
}

WindowAttentionImpl::WindowAttentionImpl(std::int64_t size, std::int64_t heads, std::int64_t window)
    : heads_(heads) {
  const std::int64_t span = 2 * window - 1;
  relative_position_bias_table =
      register_parameter("relative_position_bias_table", at::empty({span * span * span, heads}));
  relative_position_index = register_buffer("relative_position_index", relative_index(window));
  qkv = register_module("qkv", Linear(size, 3 * size));
  proj = register_module("proj", Linear(size, size));
}

Tensor WindowAttentionImpl::position_bias(std::int64_t tokens) {
  const Tensor& table = relative_position_bias_table;
  const bool resting = !is_training() && !at::GradMode::is_enabled();
  if (resting && bias_.defined() && bias_source_ == table.data_ptr() && bias_.size(1) == tokens &&
      bias_.scalar_type() == table.scalar_type()) {
    return bias_;
  }
  const Tensor index = relative_position_index.slice(0, 0, tokens).slice(1, 0, tokens);
  const Tensor bias = table.index_select(0, index.reshape({-1}))
                          .view({tokens, tokens, heads_})
                          .permute({2, 0, 1})
                          .contiguous();
  bias_ = resting ? bias : Tensor();
  bias_source_ = table.data_ptr();
  return bias;
}

Tensor WindowAttentionImpl::forward(const Tensor& windows, const Tensor& mask) {
  const std::int64_t n = windows.size(0), tokens = windows.size(1), size = windows.size(2);
  const double scale = 1.0 / std::sqrt(static_cast<double>(size) / static_cast<double>(heads_));
  const Tensor parts =
      qkv->forward(windows).view({n, tokens, 3, heads_, size / heads_}).permute({2, 0, 3, 1, 4});
  Tensor scores = at::matmul(parts[0] * scale, parts[1].transpose(-2, -1)) + position_bias(tokens);
  if (mask.defined()) scores = scores + mask.unsqueeze(1);
  const Tensor attended = at::matmul(at::softmax(scores, -1).to(parts[2].scalar_type()), parts[2]);
  return proj->forward(attended.transpose(1, 2).reshape({n, tokens, size}));
}

SwinBlockImpl::SwinBlockImpl(std::int64_t size, std::int64_t heads, std::int64_t window,
                             std::int64_t mlp_size) {
  norm1_ = register_module("norm1", LayerNorm(size, 1e-5));
  attention_ = register_module("attn", WindowAttention(size, heads, window));
  norm2_ = register_module("norm2", LayerNorm(size, 1e-5));
  auto mlp = register_module("mlp", make_namespace());
  linear1_ = mlp->register_module("linear1", Linear(size, mlp_size));
  linear2_ = mlp->register_module("linear2", Linear(mlp_size, size));
}

Tensor SwinBlockImpl::attend(const Tensor& x, const WindowPlan& plan) {
  const std::int64_t batch = x.size(0), size = x.size(-1);
  Tensor tokens = x.reshape({batch, -1, size});
  if (plan.padded) tokens = at::constant_pad_nd(tokens, {0, 0, 0, 1});
  const std::int64_t heads = attention_->relative_position_bias_table.size(1);
  const std::int64_t slice =
      std::max<std::int64_t>(1, kScoreElements / (heads * plan.tokens * plan.tokens));
  std::vector<Tensor> attended;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t first = 0; first < plan.count; first += slice) {
      const std::int64_t n = std::min(slice, plan.count - first);
      const Tensor places = plan.gather.narrow(0, first * plan.tokens, n * plan.tokens);
      const Tensor windows = tokens[b].index_select(0, places).view({n, plan.tokens, size});
      Tensor mask;
      const Tensor kind = plan.kind.narrow(0, first, n);
      if (plan.shifted && kind.any().item<bool>()) {
        mask = plan.mask.index_select(0, kind).to(x.scalar_type());
      }
      attended.push_back(attention_->forward(windows, mask).view({-1, size}));
    }
  }
  const Tensor all = at::cat(attended).view({batch, -1, size});
  return all.index_select(1, plan.scatter).view_as(x);
}

Tensor SwinBlockImpl::forward(const Tensor& x, const WindowPlan& plan) {
  const Tensor y = x + attend(norm1_->forward(x), plan);
  return y + linear2_->forward(nets::gelu(linear1_->forward(norm2_->forward(y))));
}

}  // namespace thorax::nets
