#include <gtest/gtest.h>

#include <bit>

#include "nets/layers.h"
#include "torch_golden.h"

namespace thorax::golden {
namespace {

// Bits printed by the implementation that made the goldens.
TEST(FillRule, GivesTheKnownBits) {
  const auto bits = [](const std::string& key, const Shape& shape) {
    std::vector<float> values(3);
    fill(values, key, fill_rule(key, shape));
    return std::vector<std::uint32_t>{std::bit_cast<std::uint32_t>(values[0]),
                                      std::bit_cast<std::uint32_t>(values[1]),
                                      std::bit_cast<std::uint32_t>(values[2])};
  };
  EXPECT_EQ(bits("norm.weight", {768}),
            (std::vector<std::uint32_t>{0x3f70d422, 0x3f8d5506, 0x3f80f8dd}));
  EXPECT_EQ(bits("a.bias", {16}), (std::vector<std::uint32_t>{0x3d02c1e8, 0x3d45b380, 0xbc797540}));
}

TEST(FillRule, KnowsTheKinds) {
  EXPECT_TRUE(fill_rule("vq._codebook.initted", {1}).keep);
  EXPECT_TRUE(fill_rule("null_kv", {8, 0, 32}).keep);
  EXPECT_DOUBLE_EQ(fill_rule("a.weight", {4, 3}).scale, 1.0);
  EXPECT_DOUBLE_EQ(fill_rule("pos", {1, 5, 12}).scale, 0.5);
  EXPECT_DOUBLE_EQ(fill_rule("a.running_var", {4}).base, 1.0);
  EXPECT_DOUBLE_EQ(fill_rule("a.running_mean", {4}).scale, 0.0625);
}

TEST(FillRule, SharedStorageTakesTheFirstKey) {
  struct Tied : torch::nn::Module {
    Tied() {
      first = register_module("first", nets::Embedding(3, 2));
      second = register_module("second", nets::Embedding(3, 2));
      second->weight.set_data(first->weight);
    }
    nets::Embedding first{nullptr}, second{nullptr};
  } tied;
  fill(tied);
  std::vector<float> expected(6);
  fill(expected, "first.weight", fill_rule("first.weight", {3, 2}));
  EXPECT_TRUE(tied.second->weight.view({-1}).equal(at::tensor(expected)));
}

}  // namespace
}  // namespace thorax::golden
