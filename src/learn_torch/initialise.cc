#include "learn_torch/initialise.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <set>
#include <string_view>

#include "nets/state_dict.h"

namespace thorax::learn {
namespace {

constexpr double kOtherDeviation = 0.02;
/// Scales, and what says that a codebook has values.
const std::set<std::string_view> kOnes{"weight",  "running_var", "gamma",       "q_scale",
                                       "k_scale", "initted",     "temperature", "cluster_size"};

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

double deviation(const at::Tensor& weight) {
  const auto out = static_cast<double>(weight.size(0));
  if (weight.dim() == 2) return std::sqrt(2 / (out + static_cast<double>(weight.size(1))));
  const auto kernel = static_cast<double>(weight[0][0].numel());
  return std::sqrt(2 / (out * kernel));
}

}  // namespace

void initialise(torch::nn::Module& module, std::uint64_t seed) {
  const at::NoGradGuard no_gradients;
  at::Generator random = at::make_generator<at::CPUGeneratorImpl>(seed);
  for (auto& [key, value] : nets::state_dict(module)) {
    const std::string_view part = last_part(key);
    at::Tensor tensor = value;
    if (!tensor.is_floating_point() && part != "num_batches_tracked") continue;  // derived
    if (part.ends_with("weight") && tensor.dim() >= 2)
      tensor.normal_(0, deviation(tensor), random);
    else if (kOnes.contains(part))
      tensor.fill_(1);
    else if (part.ends_with("bias") || part == "beta" || part == "running_mean" ||
             part == "num_batches_tracked")
      tensor.zero_();
    else
      tensor.normal_(0, kOtherDeviation, random);
  }
}

}  // namespace thorax::learn
