// DINOv2 vision transformer with register tokens (Oquab et al., arXiv 2304.07193; Darcet et al.,
// ICLR 2024). Follows timm 1.0.9, vit_large_patch14_reg4_dinov2, whose sizes are the default.
#pragma once

#include "nets/attention.h"
#include "nets/vision_layer.h"

namespace thorax::nets {

struct Dinov2Options {
  std::int64_t dim = 1024;
  std::int64_t depth = 24;
  std::int64_t heads = 16;
  std::int64_t image_size = 518;
  std::int64_t patch_size = 14;
  std::int64_t registers = 4;
  std::int64_t classes = 0;  ///< of a `head` on the class token; 0 = none
};

struct Dinov2BlockImpl : torch::nn::Module {
  explicit Dinov2BlockImpl(const Dinov2Options& options);
  /// x [B, tokens, dim] becomes what the block makes of it; its memory may be used again.
  void advance(Tensor& x) const;

 private:
  Tensor forward(const Tensor& x) const;
  VisionLayerWeights weights() const;

  std::shared_ptr<MadeFrom<VisionLayer>> fused_ = std::make_shared<MadeFrom<VisionLayer>>();
  std::int64_t heads_;
  double scale_;
  LayerNorm norm1_{nullptr}, norm2_{nullptr};
  Linear qkv_{nullptr}, projection_{nullptr}, fc1_{nullptr}, fc2_{nullptr};
  Tensor gamma1_, gamma2_;
};
TORCH_MODULE(Dinov2Block);

/// Tokens [B, 1 + registers + patches, dim], taken apart.
struct Dinov2Tokens {
  Tensor cls;        ///< [B, dim]
  Tensor registers;  ///< [B, registers, dim]
  Tensor patches;    ///< [B, patches, dim], row by row
};

struct Dinov2Impl : torch::nn::Module {
  explicit Dinov2Impl(const Dinov2Options& options = {});
  /// Normalised pictures [B, 3, size, size] -> all tokens after the final norm. Throws
  /// Error("bad_network_input"_code) for another size.
  Tensor forward(const Tensor& pictures);
  /// All tokens after each of `blocks` (0 is the first; ascending), with the final norm or without.
  /// Blocks behind the last one asked for do not run.
  std::vector<Tensor> intermediates(const Tensor& pictures, const std::vector<std::int64_t>& blocks,
                                    bool normed);
  Tensor normalise(const Tensor& tokens) const { return norm_->forward(tokens); }
  Dinov2Tokens split(const Tensor& tokens) const;
  /// [B, patches, dim] -> [B, dim, rows, columns].
  Tensor as_map(const Tensor& patches) const;
  /// Logits of the head on the normalised class token; only with classes > 0.
  Tensor classify(const Tensor& tokens) const;

 private:
  Tensor start(const Tensor& pictures) const;

  Dinov2Options options_;
  Tensor cls_token_, reg_token_, pos_embed_;
  PatchEmbedding patches_{nullptr};
  std::vector<Dinov2Block> blocks_;
  LayerNorm norm_{nullptr};
  Linear head_{nullptr};
};
TORCH_MODULE(Dinov2);

}  // namespace thorax::nets
