#include "torch_golden.h"

#include <gtest/gtest.h>

#include <set>

namespace thorax::golden {
namespace {

struct Threads : testing::Environment {
  void SetUp() override { at::set_num_threads(kThreads); }
};
[[maybe_unused]] const auto* const kEnvironment = testing::AddGlobalTestEnvironment(new Threads);

}  // namespace

void fill(torch::nn::Module& module, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  module.eval();
  std::set<const void*> done;
  for (const auto& [key, tensor] : nets::state_dict(module)) {
    if (!tensor.is_floating_point() || tensor.numel() == 0) continue;
    if (!done.insert(tensor.data_ptr()).second) continue;
    const FillRule rule = fill_rule(prefix + key, tensor.sizes().vec());
    if (rule.keep) continue;
    at::Tensor values = tensor;
    if (tensor.scalar_type() != at::kFloat || !tensor.is_contiguous()) {
      values = at::empty(tensor.sizes(), at::kFloat);
    }
    fill(std::span<float>(values.data_ptr<float>(), static_cast<std::size_t>(values.numel())),
         prefix + key, rule);
    if (!values.is_same(tensor)) tensor.copy_(values);
  }
}

void expect_state_dict(const Golden& golden, const torch::nn::Module& module) {
  std::map<std::string, Shape> expected, actual;
  for (const Entry& entry : golden.state_dict()) expected[entry.key] = entry.shape;
  for (const auto& [key, tensor] : nets::state_dict(module)) actual[key] = tensor.sizes().vec();
  ASSERT_FALSE(expected.empty());
  for (const auto& [key, shape] : expected) {
    if (!actual.contains(key)) {
      ADD_FAILURE() << "missing " << key;
    } else {
      EXPECT_EQ(actual[key], shape) << key;
    }
  }
  for (const auto& [key, shape] : actual)
    EXPECT_TRUE(expected.contains(key)) << "left over " << key;
}

at::Tensor input(const nlohmann::json& description) {
  const std::vector<float> values = Golden::input(description);
  return at::tensor(values).view(description.at("shape").get<Shape>());
}

void check(Golden& golden, const std::string& tensor, const at::Tensor& value, double bound) {
  const Shape shape = value.sizes().vec();
  const auto span = [](const auto* data, const at::Tensor& t) {
    return std::span(data, static_cast<std::size_t>(t.numel()));
  };
  if (!value.is_floating_point()) {
    const at::Tensor flat = value.to(at::kLong).contiguous();
    golden.check(tensor, shape, span(flat.data_ptr<std::int64_t>(), flat),
                 bound == kFp32Bound ? 0 : bound);
  } else if (value.scalar_type() == at::kDouble) {
    const at::Tensor flat = value.contiguous();
    golden.check(tensor, shape, span(flat.data_ptr<double>(), flat), bound);
  } else {
    const at::Tensor flat = value.to(at::kFloat).contiguous();
    golden.check(tensor, shape, span(flat.data_ptr<float>(), flat), bound);
  }
}

}  // namespace thorax::golden
