#include "nets/body_part_regression.h"

#include <gtest/gtest.h>

#include "torch_golden.h"

namespace thorax::nets {
namespace {

void check_body_part(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("bpr", config);
  BodyPartRegression network;
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const BodyPartSteps steps = network->steps(golden::input(golden.facts().at("input")));
  golden::check(golden, "vgg_features", steps.features);
  golden::check(golden, "conv6_relu", steps.conv6);
  golden::check(golden, "pooled", steps.pooled);
  golden::check(golden, "scores", steps.scores);
}

TEST(GoldenBodyPartRegression, SmallSlices) {
  check_body_part("tiny");
}
TEST(GoldenBodyPartRegression, FullSlices) {
  check_body_part("full");
}

}  // namespace
}  // namespace thorax::nets
