// BERT (Devlin et al., NAACL 2019), the text encoder of CT-CLIP. Follows BertModel of transformers
// 4.27.1.
#pragma once

#include "nets/layers.h"

namespace thorax::nets {

struct BertOptions {
  std::int64_t vocabulary = 30522;
  std::int64_t hidden = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t intermediate = 3072;
  std::int64_t positions = 512;  ///< the longest sequence
};

struct BertLayerImpl : torch::nn::Module {
  explicit BertLayerImpl(const BertOptions& options);
  /// [N, L, hidden]; `mask` [N, 1, 1, L] is added to the attention logits.
  Tensor forward(const Tensor& x, const Tensor& mask) const;

 private:
  std::int64_t heads_;
  Linear query_{nullptr}, key_{nullptr}, value_{nullptr}, attention_out_{nullptr},
      intermediate_{nullptr}, out_{nullptr};
  LayerNorm attention_norm_{nullptr}, out_norm_{nullptr};
};
TORCH_MODULE(BertLayer);

struct BertImpl : torch::nn::Module {
  explicit BertImpl(const BertOptions& options = {});
  /// Token ids [N, L] and mask [N, L] (1 = token, 0 = padding), both int64 -> the last hidden
  /// states [N, L, hidden]. L is at most the number of positions.
  Tensor forward(const Tensor& ids, const Tensor& mask);

 private:
  Embedding words_{nullptr}, positions_{nullptr}, types_{nullptr};
  LayerNorm norm_{nullptr};
  std::vector<BertLayer> layers_;
};
TORCH_MODULE(Bert);

}  // namespace thorax::nets
