// Shifted-window attention over a 3-D grid of tokens.
#pragma once

#include "nets/layers.h"
#include "prepare/window_grid.h"

namespace thorax::nets {

using prepare::Grid;

/// How the tokens of a grid fall into windows: which token every place of every window takes, and
/// which windows hold tokens that are not neighbours. Depends on sizes alone.
struct WindowPlan {
  /// Windows of `window` tokens an axis, the grid rolled back by `shift` before. An axis that is
  /// not longer than the window is one window, not shifted. The grid is padded at the end of each
  /// axis to whole windows; padded places take token `padding_token`, which is the number of tokens
  /// of the grid.
  WindowPlan(const Grid& grid, std::int64_t window, std::int64_t shift);

  Grid grid, window, shift;
  std::int64_t padding_token;
  bool padded, shifted;
  std::int64_t count;   ///< windows
  std::int64_t tokens;  ///< tokens a window
  Tensor gather;   ///< [count * tokens] token of each place, windows and places in d, h, w order
  Tensor scatter;  ///< [grid tokens] the place of each token
  /// Only for shifted plans. kind [count]: which of the axes' last windows a window is in, one bit
  /// an axis; mask [8, tokens, tokens]: 0 or -100 for each kind.
  Tensor kind, mask;
};

/// Multi-head attention within windows with a bias learned for every relative position.
/// Liu et al., Swin Transformer, ICCV 2021, eq. 4; in three dimensions as in MONAI's SwinUNETR.
struct WindowAttentionImpl : torch::nn::Module {
  WindowAttentionImpl(std::int64_t size, std::int64_t heads, std::int64_t window);
  /// windows [n, tokens, size], mask undefined or [n, tokens, tokens]; same shape out.
  Tensor forward(const Tensor& windows, const Tensor& mask);

  Tensor relative_position_bias_table;  ///< [(2 window - 1)^3, heads]
  Tensor relative_position_index;       ///< [window^3, window^3], a buffer of the checkpoint
  Linear qkv{nullptr}, proj{nullptr};

 private:
  /// [heads, tokens, tokens]. Windows smaller than the full one take the first rows and columns of
  /// the full window's index, which is what the published weights were trained with.
  Tensor position_bias(std::int64_t tokens);

  std::int64_t heads_;
  Tensor bias_;  ///< of the last call, while the weights rest
  const void* bias_source_ = nullptr;
};
TORCH_MODULE(WindowAttention);

/// x + attention, then x + MLP, each after a layer normalisation.
struct SwinBlockImpl : torch::nn::Module {
  SwinBlockImpl(std::int64_t size, std::int64_t heads, std::int64_t window, std::int64_t mlp_size);
  /// x [B, D, H, W, size].
  Tensor forward(const Tensor& x, const WindowPlan& plan);

 private:
  Tensor attend(const Tensor& x, const WindowPlan& plan);

  LayerNorm norm1_{nullptr}, norm2_{nullptr};
  WindowAttention attention_{nullptr};
  Linear linear1_{nullptr}, linear2_{nullptr};
};
TORCH_MODULE(SwinBlock);

}  // namespace thorax::nets
