// SwinUNETR: a swin transformer encodes a volume, a U-shaped decoder labels its voxels.
// Reference: Hatamizadeh et al., Swin UNETR, BrainLes 2021; MONAI,
// monai/networks/nets/swin_unetr.py (1.3.2 and 1.5).
#pragma once

#include "nets/swin_transformer.h"

namespace thorax::nets {

struct SwinUnetrOptions {
  SwinOptions swin;
  std::int64_t classes = 14;  ///< channels of the logits, background included where there is one
};

/// What the encoder gives of a volume [B, in, D, H, W]; f is the feature size.
struct SwinFeatures {
  /// Hidden states k = 0 .. 4: [B, f 2^k, D/2^(k+1), ...], normalised over the channels.
  std::vector<Tensor> hidden;
  Tensor encoded1;   ///< [B, f, D, H, W]
  Tensor encoded2;   ///< [B, f, D/2, ...]
  Tensor encoded3;   ///< [B, 2f, D/4, ...]
  Tensor encoded4;   ///< [B, 4f, D/8, ...]
  Tensor encoded10;  ///< [B, 16f, D/32, ...]
};

struct SwinUnetrImpl : torch::nn::Module {
  explicit SwinUnetrImpl(const SwinUnetrOptions& options);

  /// Sizes have to be divisible by 32, one of them at least 64; throws
  /// Error("bad_network_input"_code) otherwise, and when the channels are not in_channels.
  SwinFeatures encode(const Tensor& volume);
  /// What the last layer sees: [B, f, D, H, W]. Takes the features so that each can go as soon as
  /// it is used.
  Tensor decode(SwinFeatures features);
  /// The last layer, one linear map a voxel: [B, f, D, H, W] -> logits [B, classes, D, H, W].
  Tensor classify(const Tensor& decoded) { return out_->forward(decoded); }
  /// Volume [B, in, D, H, W] -> logits [B, classes, D, H, W].
  Tensor forward(const Tensor& volume) { return classify(decode(encode(volume))); }

  const SwinUnetrOptions& options() const { return options_; }

 private:
  SwinUnetrOptions options_;
  SwinTransformer swin_{nullptr};
  UnetrBlock encoder1_{nullptr}, encoder2_{nullptr}, encoder3_{nullptr}, encoder4_{nullptr},
      encoder10_{nullptr};
  UnetrUpBlock decoder5_{nullptr}, decoder4_{nullptr}, decoder3_{nullptr}, decoder2_{nullptr},
      decoder1_{nullptr};
  Conv out_{nullptr};
};
TORCH_MODULE(SwinUnetr);

/// The embedding of a window: the five encoder outputs averaged over the grid, side by side,
/// [B, 24 f] (1152 values for f = 48).
Tensor encoder_embedding(const SwinFeatures& features);
/// Another reading of the same size: hidden states 3 and 4 averaged over the grid.
Tensor hidden_embedding(const SwinFeatures& features);

}  // namespace thorax::nets
