#include "nets/dinov2.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nets/precision.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

// Of the tokens in bfloat16, relative to the largest value.
constexpr double kHalfBound = 0.03;

Dinov2Options options_of(const nlohmann::json& config) {
  if (!config.is_object()) return {};  // the published size
  return {.dim = config.at("embed_dim"),
          .depth = config.at("depth"),
          .heads = config.at("num_heads"),
          .image_size = config.at("img_size"),
          .patch_size = config.at("patch_size"),
          .registers = config.at("reg_tokens"),
          .classes = config.at("num_classes")};
}

Dinov2 network_of(const golden::Golden& golden) {
  Dinov2 network(options_of(golden.facts().at("config_kwargs")));
  network->eval();
  golden::fill(*network);
  return network;
}

void check_dinov2(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("vit_large_patch14_reg4_dinov2", config);
  Dinov2 network = network_of(golden);
  golden::expect_state_dict(golden, *network);
  const Tensor pictures = golden::input(golden.facts().at("input"));
  const Tensor tokens = network->forward(pictures);
  golden::check(golden, "tokens", tokens);
  const Dinov2Tokens parts = network->split(tokens);
  golden::check(golden, "cls", parts.cls);
  golden::check(golden, "reg", parts.registers);
  golden::check(golden, "patch", parts.patches);
  golden::check(golden, "pooled_forward", parts.cls);

  const auto blocks =
      golden.facts().at("intermediate_block_indices").get<std::vector<std::int64_t>>();
  const std::vector<Tensor> found = network->intermediates(pictures, blocks, /*normed=*/false);
  ASSERT_EQ(found.size(), blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string name = "block" + std::to_string(blocks[i]);
    const std::int64_t prefix = network->split(found[i]).registers.size(1) + 1;
    golden::check(golden, name + "_patch_nlc", network->split(found[i]).patches);
    golden::check(golden, name + "_prefix", found[i].narrow(1, 0, prefix));
  }
  const Tensor last = network->normalise(found.back());
  golden::check(golden, "block" + std::to_string(blocks.back()) + "_norm_patch_nchw",
                network->as_map(network->split(last).patches));
}

// Half precision: every kind of token stays close.
void check_half(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("vit_large_patch14_reg4_dinov2", config, "bf16");
  Dinov2 network = network_of(golden);
  convert(*network, at::kBFloat16);
  const Tensor pictures = golden::input(golden.facts().at("input")).to(at::kBFloat16);
  const Dinov2Tokens parts = network->split(network->forward(pictures));
  golden::check(golden, "cls", parts.cls, kHalfBound);
  golden::check(golden, "reg", parts.registers, kHalfBound);
  golden::check(golden, "patch", parts.patches, kHalfBound);
}

TEST(GoldenDinov2, Half) {
  check_half("tiny");
}
TEST(GoldenSlowDinov2, Half) {
  check_half("full");
}
TEST(GoldenDinov2, Tiny) {
  check_dinov2("tiny");
}
TEST(GoldenSlowDinov2, Full) {
  check_dinov2("full");
}

TEST(Dinov2, HasAHeadWhereClassesAreAsked) {
  const c10::InferenceMode inference;
  Dinov2 network(Dinov2Options{.dim = 16, .depth = 2, .heads = 2, .image_size = 28, .classes = 5});
  golden::fill(*network);
  EXPECT_EQ(state_dict(*network).back().first, "head.bias");
  const Tensor pictures = at::ones({2, 3, 28, 28});
  const Tensor tokens = network->forward(pictures);
  EXPECT_EQ(network->classify(tokens).sizes(), (std::vector<std::int64_t>{2, 5}));
  EXPECT_TRUE(network->intermediates(pictures, {1}, /*normed=*/true)[0].equal(tokens));
  EXPECT_THROW(network->forward(at::ones({2, 3, 30, 28})), Error);
}

}  // namespace
}  // namespace thorax::nets
