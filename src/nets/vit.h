// Vision transformer with a classifier (Dosovitskiy et al., ICLR 2021). Follows
// ViTForImageClassification of transformers 4.27.1; google/vit-base-patch16-224 has the default
// sizes.
#pragma once

#include "nets/attention.h"
#include "nets/vision_layer.h"

namespace thorax::nets {

struct VitOptions {
  std::int64_t hidden = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t intermediate = 3072;
  std::int64_t image_size = 224;
  std::int64_t patch_size = 16;
  std::int64_t channels = 3;
  std::int64_t labels = 1000;
};

struct VitLayerImpl : torch::nn::Module {
  explicit VitLayerImpl(const VitOptions& options);
  /// [B, tokens, hidden]; the attention weights [B, heads, tokens, tokens] go to `weights` when
  /// asked for.
  Tensor forward(const Tensor& x, Tensor* weights = nullptr) const;
  /// x becomes what the layer makes of it; its memory may be used again.
  void advance(Tensor& x) const;

 private:
  VisionLayerWeights weights() const;

  std::shared_ptr<MadeFrom<VisionLayer>> fused_ = std::make_shared<MadeFrom<VisionLayer>>();
  std::int64_t heads_;
  double scale_;
  LayerNorm norm_before_{nullptr}, norm_after_{nullptr};
  Linear query_{nullptr}, key_{nullptr}, value_{nullptr}, attention_out_{nullptr},
      intermediate_{nullptr}, out_{nullptr};
};
TORCH_MODULE(VitLayer);

/// What a picture becomes on its way.
struct VitTrace {
  std::vector<Tensor> hidden;      ///< after the embedding, then after every layer
  std::vector<Tensor> attentions;  ///< of every layer
  Tensor normed;                   ///< the last, after the final layer norm
};

struct VitImpl : torch::nn::Module {
  explicit VitImpl(const VitOptions& options = {});
  /// Pictures [B, 3, size, size] in [-1, 1] -> logits [B, labels]. Throws
  /// Error("bad_network_input"_code) for another size.
  Tensor forward(const Tensor& pictures);
  /// The same, keeping what lies between.
  Tensor forward(const Tensor& pictures, VitTrace& trace);
  /// The normalised class token [B, hidden].
  Tensor embed(const Tensor& pictures);

 private:
  Tensor start(const Tensor& pictures) const;

  VitOptions options_;
  Tensor cls_token_, positions_;
  PatchEmbedding patches_{nullptr};
  std::vector<VitLayer> layers_;
  LayerNorm norm_{nullptr};
  Linear classifier_{nullptr};
};
TORCH_MODULE(Vit);

}  // namespace thorax::nets
