// Networks run in bfloat16 and stay near their own answer in fp32. CT-CLIP is in ctclip_test.cc.
#include <gtest/gtest.h>

#include "nets/load.h"
#include "nets/precision.h"
#include "nets/registry.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

struct Tiny {
  std::string network, config;
  nlohmann::json more = nlohmann::json::object();  ///< what keys do not tell
};
std::ostream& operator<<(std::ostream& out, const Tiny& tiny) {
  return out << tiny.network << '/' << tiny.config;
}

const nlohmann::json kSmallVolume{{"volume", {32, 32, 32}}}, kSmallWindow{{"window", 64}};

class Bfloat16 : public testing::TestWithParam<Tiny> {
 protected:
  static Network filled(const Recognised& found, at::ScalarType type) {
    Network network = make_network(found.network, found.config);
    network.module->eval();
    golden::fill(*network.module);
    convert(*network.module, type);
    return network;
  }

  /// Values in [-1, 1), or the smallest index.
  static at::Tensor input(const weights::TensorInfo& info) {
    std::vector<std::int64_t> shape = info.shape;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
      if (shape[axis] < 0) shape[axis] = axis == 0 ? 1 : 8;
    return info.type == weights::DType::f32 ? at::rand(shape) * 2 - 1 : at::ones(shape, at::kLong);
  }
};

INSTANTIATE_TEST_SUITE_P(
    Networks, Bfloat16,
    testing::Values(Tiny{"swin_unetr", "tiny_v1_merging_monai132", kSmallWindow},
                    Tiny{"swin_unetr", "tiny_v2_merging_monai132", kSmallWindow},
                    Tiny{"r3d_18", "tiny", kSmallVolume},
                    Tiny{"monai_resnet18", "tiny", kSmallVolume},
                    Tiny{"medicalnet_resnet18_A", "tiny", kSmallVolume},
                    Tiny{"s3_ResNetWithChAttn", "tiny"}, Tiny{"s3_ResNetWithSqueeze", "tiny"},
                    Tiny{"s3_ResNetMultiIn", "tiny"}, Tiny{"s3_service_cnn", "tiny"},
                    Tiny{"bpr", "tiny"}, Tiny{"resnet18", "tiny"}, Tiny{"bart", "tiny"},
                    Tiny{"vit_base_patch16_224", "tiny"},
                    Tiny{"vit_large_patch14_reg4_dinov2", "tiny"}, Tiny{"s1_mlp", "binary"}));

TEST_P(Bfloat16, EveryFunctionStaysNearItsAnswerInFp32) {
  // Of random weights and inputs; goldens and their decisions have bounds of their own.
  constexpr double kBound = 0.1;
  const c10::InferenceMode inference;
  at::manual_seed(11);
  Shapes shapes;
  for (const auto& entry : golden::Golden(GetParam().network, GetParam().config).state_dict())
    shapes[entry.key] = entry.shape;
  Recognised found = recognise(shapes, "file");
  found.config.update(GetParam().more);
  const Network wide = filled(found, at::kFloat), narrow = filled(found, at::kBFloat16);
  for (std::size_t i = 0; i < wide.functions.size(); ++i) {
    const Function& function = wide.functions[i];
    std::vector<at::Tensor> inputs;
    for (const weights::TensorInfo& info : function.inputs) inputs.push_back(input(info));
    const auto expected = function.call(inputs), answer = narrow.functions[i].call(inputs);
    ASSERT_EQ(answer.size(), expected.size()) << function.name;
    for (std::size_t k = 0; k < answer.size(); ++k) {
      if (!expected[k].is_floating_point()) continue;  // tokens: one may turn a whole sentence
      const at::Tensor a = answer[k].to(at::kFloat), b = expected[k].to(at::kFloat);
      ASSERT_EQ(a.sizes(), b.sizes()) << function.name;
      EXPECT_LT((a - b).norm().item<double>(), kBound * b.norm().item<double>())
          << function.name << ", output " << k;
    }
  }
}

}  // namespace
}  // namespace thorax::nets
