#include "nets/swin_unetr.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

PatchMerging merging_of(const std::string& variant) {
  if (variant.find("mergingv2") != std::string::npos) return PatchMerging::v2;
  return parse_patch_merging(variant.find("monai132") != std::string::npos ? "monai_1_4"
                                                                           : "monai_1_5");
}

void check_network(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("swin_unetr", config);
  const nlohmann::json& facts = golden.facts();
  const auto variant = facts.at("variant").get<std::string>();
  SwinUnetr network(
      SwinUnetrOptions{.swin = {.feature_size = facts.at("feature_size").get<std::int64_t>(),
                                .depths = facts.at("depths").get<std::vector<std::int64_t>>(),
                                .heads = facts.at("num_heads").get<std::vector<std::int64_t>>(),
                                .merging = merging_of(variant),
                                .convolutions = variant.starts_with("v2")},
                       .classes = facts.at("out_channels").get<std::int64_t>()});
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  SwinFeatures features = network->encode(golden::input(facts.at("input")));
  const auto check = [&](const std::string& name, const Tensor& value) {
    if (facts.at("tensors").contains(name)) golden::check(golden, name, value);
  };
  for (std::size_t k = 0; k < features.hidden.size(); ++k) {
    check("hidden" + std::to_string(k), features.hidden[k]);
  }
  check("enc1", features.encoded1);
  check("enc2", features.encoded2);
  check("enc3", features.encoded3);
  check("enc4", features.encoded4);
  check("enc10", features.encoded10);
  check("embedding1152_encoders", encoder_embedding(features));
  check("embedding1152_hidden34", hidden_embedding(features));
  check("logits", network->classify(network->decode(std::move(features))));
}

TEST(GoldenSwinUnetr, MergingOfMonai1_4) {
  check_network("tiny_v1_merging_monai132");
}
TEST(GoldenSwinUnetr, MergingOfMonai1_5) {
  check_network("tiny_v1_merging_monai150");
}
TEST(GoldenSwinUnetr, MergingV2) {
  check_network("tiny_v1_mergingv2");
}
TEST(GoldenSwinUnetr, VersionTwo) {
  check_network("tiny_v2_merging_monai132");
}
TEST(GoldenSwinUnetrFullSlow, MergingOfMonai1_4) {
  check_network("full_v1_merging_monai132");
}
TEST(GoldenSwinUnetrFullSlow, MergingOfMonai1_5) {
  check_network("full_v1_merging_monai150");
}
TEST(GoldenSwinUnetrFullSlow, MergingV2) {
  check_network("full_v1_mergingv2");
}
TEST(GoldenSwinUnetrFullSlow, VersionTwo) {
  check_network("full_v2_merging_monai132");
}

SwinUnetr small_network(std::int64_t channels, std::int64_t classes) {
  SwinUnetr network(
      SwinUnetrOptions{.swin = {.in_channels = channels, .feature_size = 12}, .classes = classes});
  network->eval();
  golden::fill(*network);
  return network;
}

TEST(SwinUnetr, TwoChannelsAndAnyNumberOfClasses) {
  const c10::InferenceMode inference;
  SwinUnetr network = small_network(2, 43);
  const Tensor logits = network->forward(at::ones({1, 2, 32, 32, 64}));
  EXPECT_EQ(logits.sizes().vec(), (std::vector<std::int64_t>{1, 43, 32, 32, 64}));
}

TEST(SwinUnetr, BatchGivesWhatSingleVolumesGive) {
  const c10::InferenceMode inference;
  SwinUnetr network = small_network(1, 3);
  const Tensor volumes = at::linspace(-1, 1, 2 * 32 * 64 * 32).sin().view({2, 1, 32, 64, 32});
  const Tensor together = network->forward(volumes);
  for (std::int64_t b = 0; b < 2; ++b) {
    const Tensor alone = network->forward(volumes.narrow(0, b, 1));
    EXPECT_TRUE(at::allclose(together.narrow(0, b, 1), alone, 1e-4, 1e-4));
  }
}

// The position bias is kept between calls; new weights must be seen all the same.
TEST(SwinUnetr, NewWeightsCountAtOnce) {
  const c10::InferenceMode inference;
  WindowAttention attention(12, 3, 2);
  attention->eval();
  golden::fill(*attention);
  const Tensor windows = at::linspace(-1, 1, 8 * 12).view({1, 8, 12});
  const Tensor first = attention->forward(windows, {});
  attention->relative_position_bias_table = at::linspace(-3, 3, 27 * 3).view({27, 3});
  EXPECT_FALSE(at::allclose(first, attention->forward(windows, {})));
}

TEST(SwinUnetr, RefusesVolumesItWasNotMadeFor) {
  const c10::InferenceMode inference;
  SwinUnetr network = small_network(1, 3);
  EXPECT_THROW(network->forward(at::zeros({1, 1, 32, 32, 48})), Error);
  EXPECT_THROW(network->forward(at::zeros({1, 2, 32, 32, 64})), Error);
  EXPECT_THROW(network->forward(at::zeros({1, 1, 32, 32, 32})), Error);
  EXPECT_THROW(network->forward(at::zeros({1, 32, 32, 64})), Error);
}

TEST(SwinUnetr, RefusesAnUnknownMerging) {
  EXPECT_THROW(parse_patch_merging("merging"), Error);
}

}  // namespace
}  // namespace thorax::nets
