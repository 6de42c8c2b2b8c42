#include "nets/vit.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nets/precision.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

// Of the logits in bfloat16, relative to the largest.
constexpr double kHalfBound = 0.03;

VitOptions options_of(const nlohmann::json& config) {
  if (!config.is_object()) return {};  // the published size
  return {.hidden = config.at("hidden_size"),
          .layers = config.at("num_hidden_layers"),
          .heads = config.at("num_attention_heads"),
          .intermediate = config.at("intermediate_size"),
          .image_size = config.at("image_size"),
          .patch_size = config.at("patch_size"),
          .labels = config.at("num_labels")};
}

Vit network_of(const golden::Golden& golden) {
  Vit network(options_of(golden.facts().at("model_config")));
  network->eval();
  golden::fill(*network);
  return network;
}

void check_vit(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("vit_base_patch16_224", config);
  Vit network = network_of(golden);
  golden::expect_state_dict(golden, *network);
  const Tensor pictures = golden::input(golden.facts().at("input"));
  golden::check(golden, "logits", network->forward(pictures));
  VitTrace trace;
  EXPECT_TRUE(at::allclose(network->forward(pictures, trace), network->forward(pictures)));
  golden::check(golden, "hidden0", trace.hidden[0]);
  golden::check(golden, "hidden1", trace.hidden[1]);
  golden::check(golden, "hidden_last_before_layernorm", trace.hidden.back());
  golden::check(golden, "after_layernorm", trace.normed);
  golden::check(golden, "attention0", trace.attentions.front());
  golden::check(golden, "attention_last", trace.attentions.back());
}

// Half precision: the logits stay close, and so does the class of every picture whose two best
// logits lie further apart than the error bound; nearer ones are a tie to half precision. The full
// golden has one such tie (0.1 % apart), so at least one picture has to be decided.
void check_half(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("vit_base_patch16_224", config, "bf16");
  Vit network = network_of(golden);
  const Tensor pictures = golden::input(golden.facts().at("input"));
  const Tensor expected = network->forward(pictures);
  convert(*network, at::kBFloat16);
  const Tensor logits = network->forward(pictures.to(at::kBFloat16));
  golden::check(golden, "logits", logits, kHalfBound);
  const Tensor best = std::get<0>(expected.topk(2, -1));
  const Tensor decided =
      best.select(-1, 0) - best.select(-1, 1) > kHalfBound * expected.abs().max();
  const Tensor same = logits.argmax(-1) == expected.argmax(-1);
  EXPECT_TRUE(decided.any().item<bool>());
  EXPECT_TRUE(same.masked_select(decided).all().item<bool>());
}

TEST(GoldenVit, Half) {
  check_half("tiny");
}
TEST(GoldenSlowVit, Half) {
  check_half("full");
}
TEST(GoldenVit, Tiny) {
  check_vit("tiny");
}
TEST(GoldenSlowVit, Full) {
  check_vit("full");
}

TEST(Vit, RefusesAnotherSize) {
  Vit network(VitOptions{.hidden = 8,
                         .layers = 1,
                         .heads = 2,
                         .intermediate = 8,
                         .image_size = 32,
                         .patch_size = 8,
                         .labels = 2});
  EXPECT_THROW(network->forward(at::zeros({1, 3, 40, 32})), Error);
  EXPECT_THROW(network->forward(at::zeros({1, 1, 32, 32})), Error);
}

// Gradients, and four steps of AdamW on the same batch.
TEST(GoldenVit, TrainsAsTheReference) {
  golden::Golden golden("vit_base_patch16_224", "train_tiny");
  const nlohmann::json& facts = golden.facts();
  Vit network = network_of(golden);
  network->train();
  const Tensor pictures = golden::input(facts.at("input"));
  const Tensor labels = at::tensor(facts.at("labels_values").get<std::vector<std::int64_t>>());
  std::map<std::string, std::pair<Tensor, Tensor>> moments;
  const auto improve = [&](const std::string& key, Tensor& value, int step) {
    constexpr double kRate = 1e-3, kDecay = 0.01, kFirst = 0.9, kSecond = 0.999;
    const Tensor& gradient = value.grad();
    auto& [first, second] = moments[key];
    first = step == 1 ? (1 - kFirst) * gradient : kFirst * first + (1 - kFirst) * gradient;
    const Tensor square = (1 - kSecond) * gradient * gradient;
    second = step == 1 ? square : kSecond * second + square;
    const Tensor spread = (second / (1 - std::pow(kSecond, step))).sqrt() + 1e-8;
    value.mul_(1 - kRate * kDecay).sub_(kRate / (1 - std::pow(kFirst, step)) * first / spread);
  };
  const auto losses = facts.at("losses_fp64").get<std::vector<double>>();
  const auto check = [&](const std::string& prefix, auto value_of) {
    for (const auto& item : network->named_parameters())
      if (facts.at("tensors").contains(prefix + item.key()))
        golden::check(golden, prefix + item.key(), value_of(item.value()));
  };
  for (std::size_t step = 0; step < losses.size(); ++step) {
    const Tensor logits = network->forward(pictures);
    const Tensor loss = at::cross_entropy_loss(logits, labels);
    golden.record("loss" + std::to_string(step),
                  std::abs(loss.item<double>() - losses[step]) / losses[0], golden::kFp32Bound);
    network->zero_grad();
    loss.backward();
    if (step == 0) {
      golden::check(golden, "logits0", logits.detach());
      check("grad__", [](const Tensor& parameter) { return parameter.grad(); });
    }
    {
      const torch::NoGradGuard no_grad;
      for (auto& item : network->named_parameters())
        improve(item.key(), item.value(), static_cast<int>(step) + 1);
    }
    if (step == 0) check("after1__", [](const Tensor& parameter) { return parameter.detach(); });
  }
  check("after4__", [](const Tensor& parameter) { return parameter.detach(); });
}

}  // namespace
}  // namespace thorax::nets
