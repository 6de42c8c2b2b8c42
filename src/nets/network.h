// A network as the engine sees it: one module and the functions it offers, by name.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "nets/pch.h"
#include "weights/manifest.h"

namespace thorax::nets {

/// Something a network computes. Floating tensors go in as fp32 whatever precision the weights
/// have, and come out with any.
struct Function {
  std::string name;  ///< "logits", "image", "text" …
  std::vector<weights::TensorInfo> inputs, outputs;
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)> call;
};

struct Network {
  std::shared_ptr<torch::nn::Module> module;
  std::vector<Function> functions;  ///< the first is the one that runs when none is named
  /// Last components of keys that a checkpoint may lack or have too many (indices that the network
  /// derives, counters of training).
  std::vector<std::string> derived_keys;
  /// Keys that checkpoints hold and no function uses; they may be absent and take no memory.
  std::vector<std::string> unused_keys;

  /// What a network that writes says of texts that are known: each token from the true ones before
  /// it.
  struct Recited {
    at::Tensor logits;               ///< [B, findings]
    at::Tensor text;                 ///< logits of each token, [B, T, vocabulary]
    std::vector<at::Tensor> looked;  ///< where each token looked: of each layer, [B, heads, T, S]
  };
  /// For training, of networks that write: inputs, and their texts [B, T], -100 behind an end.
  std::function<Recited(const at::Tensor& inputs, const at::Tensor& text)> recite = {};
};

/// Ids of every network, sorted.
std::vector<std::string> network_ids();

/// Builds a network without values. Throws Error("unknown_network"_code) for an id that is not in
/// the registry and Error("bad_network_config"_code) when a key of `config` is absent or wrong.
Network make_network(std::string_view id, const nlohmann::json& config);

}  // namespace thorax::nets
