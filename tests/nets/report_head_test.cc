#include "nets/report_head.h"

#include <gtest/gtest.h>

#include "torch_golden.h"

namespace thorax::nets {
namespace {

ReportHeadOptions options_of(const nlohmann::json& model) {
  const auto number = [&](const char* name) { return model.at(name).get<std::int64_t>(); };
  return {.embedding_size = number("embed_dim"),
          .size = number("bart_dim"),
          .heads = number("num_heads"),
          .findings = number("num_cls"),
          .text_queries = number("num_gen"),
          .encoder_hidden = number("encoder_ffn"),
          .experts = number("num_experts"),
          .expert_hidden = number("hidden_dim")};
}

void check_head(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("s4_head", config);
  ReportHead head(options_of(golden.facts().at("model")));
  head->eval();
  golden::fill(*head);
  golden::expect_state_dict(golden, *head);
  const auto output = head->forward(golden::input(golden.facts().at("input")));
  golden::check(golden, "patches", output.bridge.patches);
  const auto check_stream = [&](const std::string& name, const BridgeSteps::Stream& stream) {
    golden::check(golden, name + "_cross_attention", stream.cross.values);
    golden::check(golden, name + "_attention_weights", stream.cross.weights);
    golden::check(golden, name + "_after_norm", stream.normed);
    golden::check(golden, name + "_after_encoder", stream.encoded);
  };
  check_stream("cls", output.bridge.findings);
  check_stream("gen", output.bridge.text);
  golden::check(golden, "cls_repr", output.bridge.finding_tokens);
  golden::check(golden, "gen_repr", output.bridge.text_tokens);
  golden::check(golden, "pooled", output.findings.pooled);
  golden::check(golden, "gate", output.findings.gate);
  golden::check(golden, "expert_logits", output.findings.experts);
  golden::check(golden, "logits", output.findings.logits);
  golden::check(golden, "probabilities", at::sigmoid(output.findings.logits));
}

// The gradients of the class loss, float64.
void check_gradients(const std::string& config) {
  golden::Golden golden("s4_head", config, "gradients");
  const nlohmann::json& loss = golden.facts().at("loss");
  ReportHead head(options_of(golden.facts().at("model")));
  head->eval();
  golden::fill(*head);
  head->to(at::kDouble);
  const Tensor input =
      golden::input(golden.facts().at("input")).to(at::kDouble).requires_grad_(true);
  const auto rows = loss.at("labels_values").get<std::vector<std::vector<double>>>();
  std::vector<Tensor> labels;
  for (const auto& row : rows) labels.push_back(at::tensor(row));
  const Tensor value =
      at::binary_cross_entropy_with_logits(head->forward(input).findings.logits, at::stack(labels));
  value.backward();
  golden.record("loss", std::abs(value.item<double>() / loss.at("value").get<double>() - 1), 1e-9);
  double worst = 0;
  for (const auto& item : head->named_parameters()) {
    const Tensor gradient = item.value().grad();
    if (!loss.at("grad_l2").contains(item.key())) {
      EXPECT_FALSE(gradient.defined()) << item.key();
      continue;
    }
    ASSERT_TRUE(gradient.defined()) << item.key();
    const double expected = loss.at("grad_l2").at(item.key()).get<double>();
    worst = std::max(worst, std::abs(gradient.norm().item<double>() / expected - 1));
  }
  golden.record("gradient norms", worst, 1e-6);
  golden::check(golden, "grad_input", input.grad(), 1e-9);
}

TEST(GoldenReportHead, Reduced) {
  check_head("tiny");
}
TEST(GoldenReportHead, FullSize) {
  check_head("bart768");
}
TEST(GoldenReportHead, Gradients) {
  check_gradients("tiny");
  check_gradients("bart768");
}

TEST(GoldenGraphAttention, Alone) {
  golden::Golden golden("s4_gat", "tiny");
  GraphAttention graph(6, 5, 0.0);
  golden::fill(*graph, "gat.");
  golden::expect_state_dict(golden, *graph);
  graph->to(at::kDouble);
  const GraphAttended result =
      graph->forward(golden::input(golden.facts().at("input")).to(at::kDouble));
  golden::check(golden, "attention", result.weights);
  golden::check(golden, "output", result.values);
}

TEST(GoldenCoverageLoss, MatchesTheReference) {
  golden::Golden golden("s4_losses", "all");
  const nlohmann::json& losses = golden.facts().at("losses");
  std::vector<Tensor> layers;
  for (const char* key : {"input:s4_cov.layer0", "input:s4_cov.layer1", "input:s4_cov.layer2"}) {
    layers.push_back(
        at::softmax(
            golden::input({{"key", key}, {"shape", {2, 3, 7, 8}}, {"scale", 3.0}}).to(at::kDouble),
            -1)
            .requires_grad_(true));
  }
  const Tensor loss = coverage_loss(layers);
  const auto compare = [&](const std::string& name, double value, double expected) {
    golden.record(name, std::abs(value - expected), 1e-9);
  };
  compare("random", loss.item<double>(), losses.at("random").at("value").get<double>());
  compare("uniform_T5_S4",
          coverage_loss({at::full({1, 1, 5, 4}, 0.25, at::kDouble)}).item<double>(),
          losses.at("uniform_T5_S4").get<double>());
  compare("identity_T4_S4",
          coverage_loss({at::eye(4, at::kDouble).view({1, 1, 4, 4})}).item<double>(),
          losses.at("identity_T4_S4").get<double>());
  Tensor first = at::zeros({1, 1, 6, 4}, at::kDouble);
  first.select(3, 0).fill_(1);
  compare("always_first_T6", coverage_loss({first}).item<double>(),
          losses.at("always_first_T6").get<double>());
}

}  // namespace
}  // namespace thorax::nets
