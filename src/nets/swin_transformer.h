// The encoder of SwinUNETR: a hierarchy of shifted-window transformers over a volume.
// Reference: Tang et al., Self-Supervised Pre-Training of Swin Transformers for 3D Medical Image
// Analysis, CVPR 2022; MONAI, monai/networks/nets/swin_unetr.py (1.3.2 and 1.5).
#pragma once

#include <map>
#include <string_view>

#include "nets/unet_blocks.h"
#include "nets/window_attention.h"

namespace thorax::nets {

/// Which eight neighbours patch merging puts side by side. A checkpoint does not say which of them
/// trained it: keys and shapes are the same.
enum class PatchMerging {
  monai_1_4,  ///< "merging" up to MONAI 1.4: two neighbours twice, two never
  monai_1_5,  ///< "merging" since MONAI 1.5
  v2,         ///< "mergingv2"
};
/// "monai_1_4", "monai_1_5" or "v2"; throws Error("bad_option"_code) for anything else.
PatchMerging parse_patch_merging(std::string_view name);

struct SwinOptions {
  std::int64_t in_channels = 1;
  std::int64_t feature_size = 48;
  std::vector<std::int64_t> depths = {2, 2, 2, 2};
  std::vector<std::int64_t> heads = {3, 6, 12, 24};
  std::int64_t window = 7;
  PatchMerging merging = PatchMerging::monai_1_5;
  /// SwinUNETR-V2: a residual convolution block before each stage (He et al., MICCAI 2023).
  bool convolutions = false;
};

/// Halves the grid: eight neighbours side by side, layer normalisation, linear to twice the size.
/// Odd axes are padded by one at their end.
struct PatchMergeImpl : torch::nn::Module {
  PatchMergeImpl(std::int64_t size, PatchMerging merging);
  /// [B, D, H, W, size] -> [B, D/2, H/2, W/2, 2 size].
  Tensor forward(const Tensor& x);

 private:
  PatchMerging merging_;
  Linear reduction_{nullptr};
  LayerNorm norm_{nullptr};
};
TORCH_MODULE(PatchMerge);

struct SwinStageImpl : torch::nn::Module {
  SwinStageImpl(std::int64_t size, std::int64_t depth, std::int64_t heads,
                const SwinOptions& options);
  /// [B, size, D, H, W] -> [B, 2 size, D/2, H/2, W/2].
  Tensor forward(const Tensor& x);

 private:
  const WindowPlan& plan(const Grid& grid, bool shifted);

  std::int64_t window_;
  std::vector<SwinBlock> blocks_;
  PatchMerge downsample_{nullptr};
  std::map<std::pair<Grid, bool>, WindowPlan> plans_;
};
TORCH_MODULE(SwinStage);

struct SwinTransformerImpl : torch::nn::Module {
  explicit SwinTransformerImpl(const SwinOptions& options);
  /// Volume [B, in_channels, D, H, W] -> hidden states [B, feature_size * 2^k, D/2^(k+1), ...] for
  /// k = 0 .. 4, each normalised over its channels (no learned scale).
  std::vector<Tensor> forward(const Tensor& volume);

 private:
  Conv patch_embedding_{nullptr};
  std::vector<SwinStage> stages_;
  std::vector<UnetrBlock> residual_;  ///< empty without options.convolutions
};
TORCH_MODULE(SwinTransformer);

}  // namespace thorax::nets
