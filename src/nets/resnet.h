// Residual networks over pictures (2 axes) and volumes or clips (3 axes).
// References: He et al., Deep Residual Learning, CVPR 2016; torchvision 0.14 (resnet18, resnet50,
// r3d_18); Tencent MedicalNet (Chen et al., Med3D, arXiv 1904.00625); MONAI 1.3.2
// monai/networks/nets/resnet.py.
#pragma once

#include "nets/layers.h"
#include "prepare/bands.h"

namespace thorax::nets {

enum class ResNetLayout {
  plain,     ///< conv1, bn1, layer1 .. layer4 (torchvision, MedicalNet, MONAI)
  video,     ///< stem.0, stem.1 and pairs conv1.0, conv1.1 in the blocks (torchvision.models.video)
  sequence,  ///< 0, 1, 4 .. 7 (the trunk as an nn.Sequential)
};

enum class ResNetShortcut {
  convolution,  ///< "B": a 1x1 convolution and a norm where the shape changes
  zeros,        ///< "A": every stride-th voxel, missing channels zero; no gradient flows through it
};

struct ResNetOptions {
  std::int64_t axes = 2;
  std::int64_t in_channels = 3;
  std::int64_t classes = 1000;  ///< of a ResNet; a trunk alone has none
  std::vector<std::int64_t> blocks = {2, 2, 2, 2};
  bool bottleneck = false;  ///< 1x1, 3x3, 1x1 blocks that give four times the channels
  ResNetLayout layout = ResNetLayout::plain;
  ResNetShortcut shortcut = ResNetShortcut::convolution;
  bool shortcut_bias = false;  ///< the shortcut's convolution has a bias (MONAI)
  std::vector<std::int64_t> stem_kernel = {7};
  std::vector<std::int64_t> stem_stride = {2};
  std::vector<std::int64_t> stem_padding = {3};
  bool stem_pool = true;
  /// Layers 3 and 4 keep the grid and see further instead: stride 1, dilation 2 and 4 (MedicalNet).
  bool dilated = false;
  prepare::BandOptions bands;  ///< of pictures: what they are brought to first, nets/bands.h
  bool mix_style = false;      ///< while it learns: nets/mix_style.h behind layers 1 and 2

  std::int64_t features() const { return bottleneck ? 2048 : 512; }
};

ResNetOptions resnet18(std::int64_t classes = 1000, std::int64_t in_channels = 3);
ResNetOptions resnet50(std::int64_t classes = 1000, std::int64_t in_channels = 3);
/// Clips [B, 3, T, H, W].
ResNetOptions r3d_18(std::int64_t classes = 400);
/// Trunk of a MedicalNet of depth 18; volumes [B, 1, D, H, W].
ResNetOptions medicalnet_resnet18(ResNetShortcut shortcut);
/// MONAI's ResNet of depth 18 over volumes; MedicalNet's trunk weights fit with stride 2 and
/// without bias.
ResNetOptions monai_resnet18(std::int64_t classes, std::int64_t stem_stride = 1,
                             ResNetShortcut shortcut = ResNetShortcut::convolution,
                             bool shortcut_bias = true);

struct ResidualBlockImpl : torch::nn::Module {
  ResidualBlockImpl(const ResNetOptions& options, std::int64_t in, std::int64_t planes,
                    std::int64_t stride, std::int64_t dilation);
  Tensor forward(const Tensor& x);

 private:
  void add(const ResNetOptions& options, std::int64_t in, std::int64_t out, std::int64_t kernel,
           std::int64_t stride, std::int64_t dilation);
  Tensor shortcut(const Tensor& x);

  std::int64_t stride_, out_;
  std::vector<Conv> convolutions_;
  std::vector<BatchNorm> norms_;
  bool changes_shape_;
  Conv shortcut_{nullptr};
  BatchNorm shortcut_norm_{nullptr};
};
TORCH_MODULE(ResidualBlock);

/// What the network gives on the way.
struct ResNetSteps {
  Tensor stem;                 ///< after the pool where there is one
  std::vector<Tensor> layers;  ///< after each of the four
  Tensor pooled;               ///< [B, features], mean over the grid
};

struct ResNetTrunkImpl : torch::nn::Module {
  explicit ResNetTrunkImpl(const ResNetOptions& options);
  /// [B, in_channels, axes...].
  ResNetSteps steps(const Tensor& x);

 private:
  bool pool_, mix_style_;
  prepare::BandOptions bands_;
  Conv stem_{nullptr};
  BatchNorm stem_norm_{nullptr};
  std::vector<std::vector<ResidualBlock>> layers_;
};
TORCH_MODULE(ResNetTrunk);

/// Trunk and `fc`.
struct ResNetImpl : ResNetTrunkImpl {
  explicit ResNetImpl(const ResNetOptions& options);
  /// Pooled features -> logits [B, classes].
  Tensor classify(const Tensor& pooled) { return fc_->forward(pooled); }
  Tensor forward(const Tensor& x) { return classify(steps(x).pooled); }

 private:
  Linear fc_{nullptr};
};
TORCH_MODULE(ResNet);

/// MedicalNet as it was trained, with its segmentation head `conv_seg`.
struct MedicalNetImpl : ResNetTrunkImpl {
  MedicalNetImpl(const ResNetOptions& options, std::int64_t classes);
  /// Last layer -> logits [B, classes, D/4, H/4, W/4].
  Tensor segment(const Tensor& features);

 private:
  UpsampleConv upsample_{nullptr};
  BatchNorm norm1_{nullptr}, norm2_{nullptr};
  Conv conv_{nullptr}, last_{nullptr};
};
TORCH_MODULE(MedicalNet);

/// Mean over every axis behind the channels: [B, C, ...] -> [B, C].
Tensor global_mean(const Tensor& x);

}  // namespace thorax::nets
