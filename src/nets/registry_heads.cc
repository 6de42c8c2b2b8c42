// Heads on embeddings.
#include <cmath>

#include "nets/mlp_head.h"
#include "nets/registry.h"

namespace thorax::nets {
namespace {

using weights::DType;

Network build_mlp_head(Config& config) {
  MlpHeadOptions options;
  options.inputs = config.need<std::int64_t>("inputs");
  options.classes = config.need<std::int64_t>("classes");
  config.maybe("hidden", options.hidden);
  std::string activation = "gelu";
  config.maybe("activation", activation);
  options.activation = parse_activation(activation);
  config.maybe("dropout", options.dropout);
  config.maybe("normalise", options.normalise);
  config.maybe("activate_input", options.activate_input);
  MlpHead head(options);
  Function logits{"logits",
                  {{"embedding", DType::f32, {-1, options.inputs}}},
                  {{"logits", DType::f32, {-1, options.classes}}},
                  [head](const std::vector<at::Tensor>& inputs) mutable {
                    return std::vector<at::Tensor>{head->forward(inputs.at(0))};
                  }};
  return {head.ptr(), {std::move(logits)}, {"num_batches_tracked"}};
}

/// The number n of "layers.n.weight"; nothing when the key has another form.
std::optional<std::int64_t> layer_of(const std::string& key) {
  constexpr std::string_view kPrefix = "layers.", kSuffix = ".weight";
  if (!key.starts_with(kPrefix) || !key.ends_with(kSuffix)) return {};
  const std::string number =
      key.substr(kPrefix.size(), key.size() - kPrefix.size() - kSuffix.size());
  if (number.empty() || number.size() > 3 ||
      number.find_first_not_of("0123456789") != std::string::npos)
    return {};
  return std::stoll(number);
}

std::optional<Recognised> recognise_mlp_head(const Shapes& shapes) {
  std::map<std::int64_t, std::vector<std::int64_t>> linears;
  for (const auto& [key, shape] : shapes) {
    if (!key.starts_with("layers.")) return {};
    const auto layer = layer_of(key);
    if (layer && shape.size() == 2) linears.emplace(*layer, shape);
  }
  if (linears.empty()) return {};
  std::vector<std::int64_t> hidden;
  for (auto it = linears.begin(); it != std::prev(linears.end()); ++it)
    hidden.push_back(it->second[0]);
  Recognised found;
  found.task = "embedding-head";
  found.config = {{"inputs", linears.begin()->second[1]},
                  {"classes", linears.rbegin()->second[0]},
                  {"hidden", hidden},
                  // Two classes: the binary head's GELU; more: the multi-label head's leaky ReLU.
                  {"activation", linears.rbegin()->second[0] == 2 ? "gelu" : "leaky_relu"}};
  if (hidden.empty() && linears.begin()->first == 2) found.config["activate_input"] = true;
  return found;
}

}  // namespace

std::vector<Registered> head_networks() {
  return {{"mlp_head", build_mlp_head, recognise_mlp_head}};
}

}  // namespace thorax::nets
