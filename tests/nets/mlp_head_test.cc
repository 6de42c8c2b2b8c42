#include "nets/mlp_head.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

MlpHead head_of(const nlohmann::json& model) {
  MlpHead head(
      MlpHeadOptions{.inputs = model.at("input_size").get<std::int64_t>(),
                     .hidden = model.at("hidden_sizes").get<std::vector<std::int64_t>>(),
                     .classes = model.at("num_classes").get<std::int64_t>(),
                     .activation = parse_activation(model.at("activation").get<std::string>()),
                     .activate_input = true});
  head->eval();
  return head;
}

void check_head(const std::string& config, bool softmax) {
  const c10::InferenceMode inference;
  golden::Golden golden("s1_mlp", config);
  MlpHead head = head_of(golden.facts().at("model"));
  golden::fill(*head);
  golden::expect_state_dict(golden, *head);
  const Tensor input = golden::input(golden.facts().at("input"));
  golden::check(golden, "normalised", l2_normalise(input));
  const std::vector<Tensor> steps = head->steps(input);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    golden::check(golden, "layer" + std::to_string(i), steps[i]);
  }
  const Tensor logits = head->forward(input);
  golden::check(golden, "logits", logits);
  golden::check(golden, "probabilities", softmax ? at::softmax(logits, -1) : at::sigmoid(logits));
}

TEST(GoldenMlpHead, Binary) {
  check_head("binary", true);
}
TEST(GoldenMlpHead, TwentyClasses) {
  check_head("multilabel", false);
}
TEST(GoldenMlpHead, NoHiddenLayer) {
  check_head("linear_no_hidden", true);
}

TEST(MlpHead, ServingCopyWithoutHiddenLayersIsOneLinearLayer) {
  const MlpHead head(MlpHeadOptions{.classes = 3});
  const auto entries = state_dict(*head);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].first, "layers.0.weight");
}

TEST(MlpHead, RefusesAnUnknownActivation) {
  EXPECT_THROW(parse_activation("swish"), Error);
}

}  // namespace
}  // namespace thorax::nets
