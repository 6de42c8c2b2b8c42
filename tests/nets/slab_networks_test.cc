#include "nets/slab_networks.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

void check_slab(const std::string& name, const std::string& config, SlabInput input) {
  const c10::InferenceMode inference;
  golden::Golden golden(name, config);
  SlabResNet network(input);
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const SlabSteps steps = network->steps(golden::input(golden.facts().at("input")));
  if (input == SlabInput::channel_attention)
    golden::check(golden, "attention_weights", steps.weights);
  if (input == SlabInput::squeeze) golden::check(golden, "squeezed", steps.squeezed);
  golden::check(golden, "backbone_3", steps.trunk.stem);
  for (std::size_t k = 0; k < steps.trunk.layers.size(); ++k) {
    golden::check(golden, std::string("backbone_").append(std::to_string(k + 4)),
                  steps.trunk.layers[k]);
  }
  golden::check(golden, "pooled", steps.trunk.pooled);
  golden::check(golden, "logit", steps.logit);
  golden::check(golden, "probability", at::sigmoid(steps.logit));
}

TEST(GoldenSlabResNet, ChannelAttention) {
  check_slab("s3_ResNetWithChAttn", "tiny", SlabInput::channel_attention);
}
TEST(GoldenSlabResNetFull, ChannelAttention) {
  check_slab("s3_ResNetWithChAttn", "full", SlabInput::channel_attention);
}
TEST(GoldenSlabResNet, Squeeze) {
  check_slab("s3_ResNetWithSqueeze", "tiny", SlabInput::squeeze);
}
TEST(GoldenSlabResNet, Plain) {
  check_slab("s3_ResNetMultiIn", "tiny", SlabInput::plain);
}

void check_slab_cnn(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("s3_service_cnn", config);
  SlabCnn network;
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const SlabCnnSteps steps = network->steps(golden::input(golden.facts().at("input")));
  golden::check(golden, "features_1", steps.features[0]);
  golden::check(golden, "features_3", steps.features[1]);
  golden::check(golden, "features_5", steps.features[2]);
  golden::check(golden, "pooled", steps.pooled);
  golden::check(golden, "logit", steps.logit);
  golden::check(golden, "series_score", at::sigmoid(steps.logit).mean());
}

TEST(GoldenSlabCnn, Reduced) {
  check_slab_cnn("tiny");
}
TEST(GoldenSlabCnn, FullSize) {
  check_slab_cnn("full");
}

TEST(SlabNetworks, RefusesAnUnknownInput) {
  EXPECT_EQ(parse_slab_input("squeeze"), SlabInput::squeeze);
  EXPECT_THROW(parse_slab_input("attention"), Error);
}

}  // namespace
}  // namespace thorax::nets
