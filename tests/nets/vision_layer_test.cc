// The layers of vision transformers that run in one piece give what their modules give.
#include "nets/vision_layer.h"

#include <gtest/gtest.h>

#include "nets/dinov2.h"
#include "nets/vit.h"

namespace thorax::nets {
namespace {

class FusedLayers : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_fast_bfloat16()) GTEST_SKIP() << "this processor does not multiply bfloat16";
    at::manual_seed(7);
  }

  /// Random weights that keep the values of a network about as large as they came in.
  static void fill(torch::nn::Module& network) {
    const at::NoGradGuard no_grad;
    for (auto& entry : network.named_parameters()) {
      Tensor& weight = entry.value();
      if (weight.dim() >= 2)
        weight.normal_(0, 1 / std::sqrt(static_cast<double>(weight[0].numel())));
      else
        weight.normal_(entry.key().ends_with("weight") ? 1 : 0, 0.1);
    }
    network.eval();
    convert(network, at::kBFloat16);
  }

  static double difference(const Tensor& a, const Tensor& b) {
    return ((a.to(at::kFloat) - b.to(at::kFloat)).norm() / b.to(at::kFloat).norm()).item<double>();
  }

  // What rounding to bfloat16 in another order leaves of three layers.
  static constexpr double kBound = 0.02;
};

TEST_F(FusedLayers, GiveWhatTheModulesOfVitGive) {
  const c10::InferenceMode inference;
  VitOptions options;
  options.hidden = 96;
  options.heads = 3;
  options.layers = 3;
  options.intermediate = 200;
  options.image_size = 240;  // 226 tokens: more rows than go at once, no multiple of anything
  options.labels = 5;
  Vit vit(options);
  fill(*vit);
  const Tensor pictures = at::randn({3, 3, 240, 240});
  VitTrace kept;  // keeping what lies between takes the modules
  const Tensor expected = vit->forward(pictures, kept), found = vit->forward(pictures);
  EXPECT_LT(difference(found, expected), kBound);
  EXPECT_GT(expected.norm().item<double>(), 0.1);
}

TEST_F(FusedLayers, GiveWhatTheModulesOfDinov2Give) {
  Dinov2Options options;
  options.dim = 96;
  options.depth = 3;
  options.heads = 4;
  options.image_size = 210;
  Dinov2 network(options);
  fill(*network);
  const Tensor pictures = at::randn({2, 3, 210, 210});
  const Tensor expected = network->forward(pictures).detach();  // gradients take the modules
  const c10::InferenceMode inference;
  EXPECT_LT(difference(network->forward(pictures), expected), kBound);
}

// Layers work in place; what is handed out on the way has to stay what it was.
TEST_F(FusedLayers, DoNotChangeWhatWasHandedOut) {
  const c10::InferenceMode inference;
  Dinov2Options options;
  options.dim = 64;
  options.depth = 2;
  options.heads = 2;
  options.image_size = 28;
  Dinov2 network(options);
  fill(*network);
  const Tensor pictures = at::randn({1, 3, 28, 28});
  const Tensor first = network->intermediates(pictures, {0}, /*normed=*/false).at(0);
  EXPECT_TRUE(at::equal(network->intermediates(pictures, {0, 1}, /*normed=*/false).at(0), first));
}

}  // namespace
}  // namespace thorax::nets
