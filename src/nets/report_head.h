// From the patch embeddings of a scan to finding probabilities and to what a text decoder reads:
// a cross-attention bridge with learned queries, graph attention between the findings, and a
// mixture of experts. The head of the segmentation-and-report system.
#pragma once

#include "nets/multihead_attention.h"

namespace thorax::nets {

struct ReportHeadOptions {
  std::int64_t embedding_size = 1152;  ///< values a patch
  std::int64_t size = 768;             ///< that of the text decoder
  std::int64_t heads = 8;
  std::int64_t findings = 18;
  std::int64_t text_queries = 8;  ///< positions the text decoder sees
  std::int64_t encoder_layers = 2;
  std::int64_t encoder_hidden = 2048;
  std::int64_t experts = 4;
  std::int64_t expert_hidden = 512;
  double dropout = 0.1;  ///< while training
};

struct GraphAttended {
  Tensor values;   ///< [B, nodes, out]
  Tensor weights;  ///< [B, nodes, nodes]
};

/// One head of graph attention over a complete graph: weights softmax_j(LeakyReLU(a [W h_i ; W
/// h_j])), slope 0.2. Velickovic et al., Graph Attention Networks, ICLR 2018.
struct GraphAttentionImpl : torch::nn::Module {
  GraphAttentionImpl(std::int64_t in, std::int64_t out, double dropout);
  /// [B, nodes, in].
  GraphAttended forward(const Tensor& nodes);

 private:
  double dropout_;
  Linear project_{nullptr}, score_{nullptr};
};
TORCH_MODULE(GraphAttention);

/// What the bridge gives on the way; B scans, N patches.
struct BridgeSteps {
  Tensor patches;  ///< [B, N, size]
  struct Stream {
    Attended cross;  ///< queries looking at the patches
    Tensor normed;   ///< after the residual and the norm
    Tensor encoded;  ///< after the stream's own transformer layers
  } findings, text;
  Tensor finding_tokens;  ///< [B, findings, size]: encoded, then graph attention
  Tensor text_tokens;     ///< [B, text_queries, size]
};

struct CrossAttentionBridgeImpl : torch::nn::Module {
  explicit CrossAttentionBridgeImpl(const ReportHeadOptions& options);
  /// Patches [B, N, embedding_size].
  BridgeSteps forward(const Tensor& embeddings);

 private:
  BridgeSteps::Stream stream(const Tensor& queries, const Tensor& patches,
                             const std::vector<TransformerLayer>& layers);

  double dropout_;
  Tensor finding_queries_, text_queries_;
  Linear project_{nullptr};
  LayerNorm project_norm_{nullptr}, norm_{nullptr};
  MultiheadAttention attention_{nullptr};
  std::vector<TransformerLayer> finding_layers_, text_layers_;
  GraphAttention graph_{nullptr};
};
TORCH_MODULE(CrossAttentionBridge);

struct ExpertSteps {
  Tensor pooled;   ///< [B, size]
  Tensor gate;     ///< [B, experts], sums to 1
  Tensor experts;  ///< [B, findings, experts]
  Tensor logits;   ///< [B, findings]
};

/// Every expert answers; the answers are weighed by a softmax gate (dense mixture).
struct MixtureOfExpertsImpl : torch::nn::Module {
  explicit MixtureOfExpertsImpl(const ReportHeadOptions& options);
  /// Finding tokens [B, findings, size], averaged first.
  ExpertSteps forward(const Tensor& tokens);

 private:
  struct Expert {
    Linear first{nullptr}, second{nullptr};
    LayerNorm norm{nullptr};
    Linear last{nullptr};
  };
  double dropout_;
  std::vector<Expert> experts_;
  Linear gate_{nullptr};
};
TORCH_MODULE(MixtureOfExperts);

/// Keys `bridge.*` and `classifier.*`.
struct ReportHeadImpl : torch::nn::Module {
  explicit ReportHeadImpl(const ReportHeadOptions& options);
  struct Output {
    BridgeSteps bridge;  ///< bridge.text_tokens is what the text decoder takes as encoder output
    ExpertSteps findings;
  };
  /// Patches [B, N, embedding_size].
  Output forward(const Tensor& embeddings);

 private:
  CrossAttentionBridge bridge_{nullptr};
  MixtureOfExperts classifier_{nullptr};
};
TORCH_MODULE(ReportHead);

/// Punishes a decoder that reads the same place again: cross attentions [B, heads, T, S] of each
/// layer, averaged over heads and layers; at each step the sum over S of min(attention, what all
/// earlier steps gave), mean over the batch, sum over T, divided by T + 1e-8. Scalar.
/// See, Liu, Manning: Get To The Point, ACL 2017, eq. 12.
Tensor coverage_loss(const std::vector<Tensor>& cross_attentions);

}  // namespace thorax::nets
