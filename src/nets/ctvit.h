// CTViT, the image encoder of CT-CLIP: a factorised (space, then time) vision transformer over
// blocks of a CT volume, with cosine-similarity vector quantisation.
// Follows ibrahimethemhamamci/CT-CLIP a2a155c, transformer_maskgit/{ctvit,attention}.py (Hamamci et
// al., GenerateCT, ECCV 2024) and lucidrains/vector-quantize-pytorch 1.1.2.
#pragma once

#include "nets/ctvit_patches.h"
#include "nets/ctvit_transformer.h"
#include "nets/nearest_code.h"

namespace thorax::nets {

struct CtvitOptions {
  std::int64_t dim = 512;
  std::int64_t codebook_size = 8192;
  std::int64_t image_height = 480;
  std::int64_t image_width = 480;
  std::int64_t patch_size = 20;           ///< in the plane
  std::int64_t temporal_patch_size = 10;  ///< along the first axis
  std::int64_t spatial_depth = 4;
  std::int64_t temporal_depth = 4;
  std::int64_t dim_head = 32;
  std::int64_t heads = 8;
};

/// Cosine-similarity codebook. Always fp32.
struct CodebookImpl : torch::nn::Module, KeepsFp32 {
  CodebookImpl(std::int64_t size, std::int64_t dim);
  /// [..., dim] -> index of the most similar code of each token.
  Tensor nearest(const Tensor& tokens) const;
  /// The stored codes (not normalised again) for indices [...] -> [..., dim].
  Tensor codes(const Tensor& indices) const;
  Tensor initted, cluster_size, embed;

 private:
  std::shared_ptr<MadeFrom<NearestCode>> search_ = std::make_shared<MadeFrom<NearestCode>>();
};
TORCH_MODULE(Codebook);

struct CtvitImpl : torch::nn::Module {
  explicit CtvitImpl(const CtvitOptions& options = {});

  /// Volume [B, 1, depth, height, width] of HU / 1000 in [-1, 1] -> quantised tokens
  /// [B, t, h, w, dim].
  Tensor forward(const Tensor& volume);

  // The stages of forward(), on tokens [B, t, h, w, dim].
  Tensor embed_patches(const Tensor& volume);
  Tensor spatial(const Tensor& tokens);
  Tensor temporal(const Tensor& tokens);
  /// Index of each token's code, [B, t, h, w].
  Tensor quantise(const Tensor& tokens) const;
  Tensor codes(const Tensor& indices) const { return codebook_->codes(indices); }
  /// Additive attention bias of the spatial layers, [heads, hw, hw].
  Tensor spatial_bias() const;

  const CtvitOptions& options() const { return options_; }

 private:
  CtvitOptions options_;
  std::int64_t rows_, columns_;  // of the token grid
  PositionBias bias_{nullptr};
  LayerNorm patch_norm_{nullptr}, embedding_norm_{nullptr};
  Linear patch_projection_{nullptr};
  CtvitTransformer spatial_{nullptr}, temporal_{nullptr};
  Codebook codebook_{nullptr};
  std::shared_ptr<MadeFrom<CtvitPatches>> patches_ = std::make_shared<MadeFrom<CtvitPatches>>();
};
TORCH_MODULE(Ctvit);

}  // namespace thorax::nets
