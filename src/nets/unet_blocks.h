// The convolution blocks of UNETR and SwinUNETR.
// Reference: MONAI, monai/networks/blocks/dynunet_block.py and unetr_block.py (1.3.2).
#pragma once

#include "nets/layers.h"

namespace thorax::nets {

/// conv3, norm, leaky ReLU, conv3, norm, plus the input, leaky ReLU. Norm is instance
/// normalisation without learned scale, so it has no keys and needs more than one voxel. Where the
/// channels differ, the input takes a 1x1x1 convolution and a norm of its own.
struct UnetResBlockImpl : torch::nn::Module {
  UnetResBlockImpl(std::int64_t in, std::int64_t out);
  /// [B, in, D, H, W] -> [B, out, D, H, W]. An input that is moved in goes as soon as it is used.
  Tensor forward(Tensor x);

 private:
  Conv conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr};
};
TORCH_MODULE(UnetResBlock);

/// A UnetResBlock under the key `layer`.
struct UnetrBlockImpl : torch::nn::Module {
  UnetrBlockImpl(std::int64_t in, std::int64_t out);
  Tensor forward(const Tensor& x) { return block_->forward(x); }

 private:
  UnetResBlock block_{nullptr};
};
TORCH_MODULE(UnetrBlock);

/// Doubles the grid, puts the skip connection beside it, and runs a UnetResBlock.
struct UnetrUpBlockImpl : torch::nn::Module {
  UnetrUpBlockImpl(std::int64_t in, std::int64_t out);
  /// x [B, in, D, H, W], skip [B, out, 2D, 2H, 2W] -> [B, out, 2D, 2H, 2W]. Inputs that are moved
  /// in go as soon as they are used.
  Tensor forward(Tensor x, Tensor skip);

 private:
  UpsampleConv upsample_{nullptr};
  UnetResBlock block_{nullptr};
};
TORCH_MODULE(UnetrUpBlock);

}  // namespace thorax::nets
