#include "nets/resnet.h"

#include <gtest/gtest.h>

#include "torch_golden.h"

namespace thorax::nets {
namespace {

void check_steps(golden::Golden& golden, const ResNetSteps& steps) {
  golden::check(golden, "stem", steps.stem);
  for (std::size_t k = 0; k < steps.layers.size(); ++k) {
    golden::check(golden, std::string("layer").append(std::to_string(k + 1)), steps.layers[k]);
  }
  golden::check(golden, "pooled", steps.pooled);
}

void check_resnet(const std::string& name, const std::string& config,
                  const ResNetOptions& options) {
  const c10::InferenceMode inference;
  golden::Golden golden(name, config);
  ResNet network(options);
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const ResNetSteps steps = network->steps(golden::input(golden.facts().at("input")));
  check_steps(golden, steps);
  golden::check(golden, "output", network->classify(steps.pooled));
}

void check_medicalnet(const std::string& name, const std::string& config, ResNetShortcut shortcut) {
  const c10::InferenceMode inference;
  golden::Golden golden(name, config);
  MedicalNet network(medicalnet_resnet18(shortcut), /*classes=*/2);
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const ResNetSteps steps = network->steps(golden::input(golden.facts().at("input")));
  check_steps(golden, steps);
  golden::check(golden, "output", network->segment(steps.layers.back()));
}

TEST(GoldenResNet, Depth18) {
  check_resnet("resnet18", "tiny", resnet18());
}
TEST(GoldenResNetFull, Depth18) {
  check_resnet("resnet18", "full", resnet18());
}
TEST(GoldenResNet, Depth50) {
  check_resnet("resnet50", "tiny", resnet50());
}
TEST(GoldenResNetFull, Depth50) {
  check_resnet("resnet50", "full", resnet50());
}
TEST(GoldenResNet, Clips) {
  check_resnet("r3d_18", "tiny", r3d_18());
}
TEST(GoldenResNetFull, Clips) {
  check_resnet("r3d_18", "full", r3d_18());
}
TEST(GoldenResNet, Monai) {
  check_resnet("monai_resnet18", "tiny", monai_resnet18(18));
}
TEST(GoldenResNet, MonaiStride2ShortcutA) {
  check_resnet("monai_resnet18_stride2_A", "tiny", monai_resnet18(18, 2, ResNetShortcut::zeros));
}
TEST(GoldenResNetFull, MonaiStride2ShortcutA) {
  check_resnet("monai_resnet18_stride2_A", "full", monai_resnet18(18, 2, ResNetShortcut::zeros));
}
TEST(GoldenMedicalNet, ShortcutA) {
  check_medicalnet("medicalnet_resnet18_A", "tiny", ResNetShortcut::zeros);
}
TEST(GoldenMedicalNetFull, ShortcutA) {
  check_medicalnet("medicalnet_resnet18_A", "full", ResNetShortcut::zeros);
}
TEST(GoldenMedicalNet, ShortcutB) {
  check_medicalnet("medicalnet_resnet18_B", "tiny", ResNetShortcut::convolution);
}

// Batch normalisation and gradients: three steps of stochastic gradient descent with momentum.
TEST(GoldenResNet, TrainsAsTheReference) {
  golden::Golden golden("resnet18", "train_tiny");
  ResNet network(resnet18(golden.facts().at("num_classes").get<std::int64_t>()));
  golden::fill(*network);
  network->train();
  const Tensor input = golden::input(golden.facts().at("input"));
  const Tensor labels = at::tensor(golden.facts().at("labels").get<std::vector<std::int64_t>>());
  const auto losses = golden.facts().at("losses").get<std::vector<double>>();
  std::map<std::string, Tensor> velocity;
  for (std::size_t step = 0; step < losses.size(); ++step) {
    const Tensor logits = network->forward(input);
    const Tensor loss = at::cross_entropy_loss(logits, labels);
    golden.record(std::string("loss").append(std::to_string(step)),
                  std::abs(loss.item<double>() - losses[step]) / losses[0], 1e-4);
    network->zero_grad();
    loss.backward();
    const torch::NoGradGuard no_grad;
    for (auto& item : network->named_parameters()) {
      Tensor& v = velocity[item.key()];
      v = v.defined() ? v * 0.9 + item.value().grad() : item.value().grad().clone();
      item.value() -= 0.01 * v;
    }
    if (step > 0) continue;
    golden::check(golden, "logits0", logits.detach());
    for (const auto& [key, value] : state_dict(*network)) {
      if (golden.facts().at("tensors").contains("after1__" + key)) {
        golden::check(golden, "after1__" + key, value.detach());
      }
    }
  }
}

}  // namespace
}  // namespace thorax::nets
