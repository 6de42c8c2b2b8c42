#include "nets/mlp_head.h"

#include "base/error.h"
#include "nets/dropout.h"

namespace thorax::nets {

Activation parse_activation(std::string_view name) {
  if (name == "relu") return Activation::relu;
  if (name == "leaky_relu") return Activation::leaky_relu;
  if (name == "gelu") return Activation::gelu;
  throw Error(
      "bad_option"_code,
      {{"option", "activation"}, {"value", std::string(name)}, {"hint", "relu, leaky_relu, gelu"}});
}

Tensor activate(const Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return at::relu(x);
    case Activation::leaky_relu:
      return at::leaky_relu(x, 0.01);
    case Activation::gelu:
      return at::gelu(x);
  }
  return x;
}

MlpHeadImpl::MlpHeadImpl(MlpHeadOptions options) : options_(std::move(options)) {
  const auto layers = add_group(*this, "layers");
  std::int64_t size = options_.inputs;
  std::size_t index = 0;
  for (const std::int64_t hidden : options_.hidden) {
    linears_.push_back(layers->register_module(std::to_string(index), Linear(size, hidden)));
    norms_.push_back(layers->register_module(std::to_string(index + 1), BatchNorm(hidden)));
    index += 4;
    size = hidden;
  }
  if (options_.hidden.empty() && options_.activate_input) index = 2;
  linears_.push_back(
      layers->register_module(std::to_string(index), Linear(size, options_.classes)));
}

std::vector<Tensor> MlpHeadImpl::steps(const Tensor& embedding) {
  std::vector<Tensor> steps;
  Tensor x = options_.normalise ? l2_normalise(embedding) : embedding;
  const auto step = [&](const Tensor& value) {
    x = value;
    steps.push_back(x);
  };
  const auto activate_and_drop = [&] {
    step(activate(x, options_.activation));
    step(nets::dropout(x, options_.dropout, is_training()));
  };
  for (std::size_t k = 0; k < norms_.size(); ++k) {
    step(linears_[k]->forward(x));
    step(norms_[k]->forward(x));
    activate_and_drop();
  }
  if (norms_.empty() && options_.activate_input) activate_and_drop();
  step(linears_.back()->forward(x));
  return steps;
}

Tensor MlpHeadImpl::forward(const Tensor& embedding) {
  return steps(embedding).back();
}

}  // namespace thorax::nets
