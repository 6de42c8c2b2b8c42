#include "nets/report_head.h"

#include "nets/dropout.h"

namespace thorax::nets {
namespace {

std::vector<TransformerLayer> encoder(torch::nn::Module& parent, const std::string& name,
                                      const ReportHeadOptions& options) {
  auto layers =
      parent.register_module(name, make_namespace())->register_module("layers", make_namespace());
  std::vector<TransformerLayer> all;
  for (std::int64_t i = 0; i < options.encoder_layers; ++i) {
    all.push_back(layers->register_module(
        std::to_string(i),
        TransformerLayer(options.size, options.heads, options.encoder_hidden, options.dropout)));
  }
  return all;
}

}  // namespace

GraphAttentionImpl::GraphAttentionImpl(std::int64_t in, std::int64_t out, double dropout)
    : dropout_(dropout) {
  project_ = register_module("W", Linear(in, out, /*with_bias=*/false));
  score_ = register_module("a", Linear(2 * out, 1, /*with_bias=*/false));
}

GraphAttended GraphAttentionImpl::forward(const Tensor& nodes) {
  const Tensor h = project_->forward(nodes);
  const std::int64_t size = h.size(2);
  // a . [h_i ; h_j] is a sum of two scalars, one of i and one of j.
  const Tensor from = at::linear(h, score_->weight.narrow(1, 0, size));
  const Tensor to = at::linear(h, score_->weight.narrow(1, size, size));
  const Tensor weights = at::softmax(at::leaky_relu(from + to.transpose(1, 2), 0.2), -1);
  return {at::matmul(nets::dropout(weights, dropout_, is_training()), h), weights};
}

CrossAttentionBridgeImpl::CrossAttentionBridgeImpl(const ReportHeadOptions& options)
    : dropout_(options.dropout) {
  finding_queries_ =
      register_parameter("cls_queries", at::empty({1, options.findings, options.size}));
  text_queries_ =
      register_parameter("gen_queries", at::empty({1, options.text_queries, options.size}));
  project_ = register_module("proj", Linear(options.embedding_size, options.size));
  project_norm_ = register_module("proj_norm", LayerNorm(options.size, 1e-5));
  attention_ = register_module("cross_attn",
                               MultiheadAttention(options.size, options.heads, options.dropout));
  norm_ = register_module("norm", LayerNorm(options.size, 1e-5));
  finding_layers_ = encoder(*this, "cls_encoder", options);
  text_layers_ = encoder(*this, "gen_encoder", options);
  graph_ = register_module("gat", GraphAttention(options.size, options.size, options.dropout));
}

BridgeSteps::Stream CrossAttentionBridgeImpl::stream(const Tensor& queries, const Tensor& patches,
                                                     const std::vector<TransformerLayer>& layers) {
  BridgeSteps::Stream stream;
  const Tensor expanded = queries.expand({patches.size(0), -1, -1});
  stream.cross = attention_->forward(expanded, patches, /*want_weights=*/true);
  stream.normed = norm_->forward(stream.cross.values + expanded);
  stream.encoded = nets::dropout(stream.normed, dropout_, is_training());
  for (TransformerLayer layer : layers) stream.encoded = layer->forward(stream.encoded);
  return stream;
}

BridgeSteps CrossAttentionBridgeImpl::forward(const Tensor& embeddings) {
  BridgeSteps steps;
  steps.patches = project_norm_->forward(project_->forward(embeddings));
  steps.findings = stream(finding_queries_, steps.patches, finding_layers_);
  steps.text = stream(text_queries_, steps.patches, text_layers_);
  steps.finding_tokens = graph_->forward(steps.findings.encoded).values;
  steps.text_tokens = steps.text.encoded;
  return steps;
}

MixtureOfExpertsImpl::MixtureOfExpertsImpl(const ReportHeadOptions& options)
    : dropout_(options.dropout) {
  auto experts = register_module("experts", make_namespace());
  for (std::int64_t e = 0; e < options.experts; ++e) {
    auto place = experts->register_module(std::to_string(e), make_namespace());
    experts_.push_back(
        {.first = place->register_module("0", Linear(options.size, options.expert_hidden)),
         .second =
             place->register_module("3", Linear(options.expert_hidden, options.expert_hidden)),
         .norm = place->register_module("5", LayerNorm(options.expert_hidden, 1e-5)),
         .last = place->register_module("7", Linear(options.expert_hidden, options.findings))});
  }
  gate_ = register_module("gate", make_namespace())
              ->register_module("0", Linear(options.size, options.experts));
}

ExpertSteps MixtureOfExpertsImpl::forward(const Tensor& tokens) {
  ExpertSteps steps;
  const auto drop = [&](const Tensor& x) { return nets::dropout(x, dropout_, is_training()); };
  steps.pooled = tokens.mean(1);
  steps.gate = at::softmax(gate_->forward(steps.pooled), -1);
  std::vector<Tensor> answers;
  for (Expert& expert : experts_) {
    const Tensor hidden = drop(at::gelu(expert.first->forward(steps.pooled)));
    const Tensor normed = drop(expert.norm->forward(at::gelu(expert.second->forward(hidden))));
    answers.push_back(expert.last->forward(normed));
  }
  steps.experts = at::stack(answers, -1);
  steps.logits = at::matmul(steps.experts, steps.gate.unsqueeze(-1)).squeeze(-1);
  return steps;
}

ReportHeadImpl::ReportHeadImpl(const ReportHeadOptions& options) {
  bridge_ = register_module("bridge", CrossAttentionBridge(options));
  classifier_ = register_module("classifier", MixtureOfExperts(options));
}

ReportHeadImpl::Output ReportHeadImpl::forward(const Tensor& embeddings) {
  Output output;
  output.bridge = bridge_->forward(embeddings);
  output.findings = classifier_->forward(output.bridge.finding_tokens);
  return output;
}

Tensor coverage_loss(const std::vector<Tensor>& cross_attentions) {
  Tensor attention = cross_attentions.front().mean(1);
  for (std::size_t i = 1; i < cross_attentions.size(); ++i) {
    attention = attention + cross_attentions[i].mean(1);
  }
  attention = attention / static_cast<double>(cross_attentions.size());
  // What all earlier steps gave: the running sum without the step itself.
  const Tensor earlier = attention.cumsum(1) - attention;
  const auto batch = static_cast<double>(attention.size(0));
  return at::minimum(attention, earlier).sum() / batch /
         (static_cast<double>(attention.size(1)) + 1e-8);
}

}  // namespace thorax::nets
