// The table behind make_network: an id, how to build it, and how to know its checkpoints.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nets/config.h"
#include "nets/network.h"
#include "nets/shapes.h"

namespace thorax::nets {

/// What a checkpoint turned out to be.
struct Recognised {
  std::string network;
  nlohmann::json config;
  std::string task;  ///< what a model with this network usually does, e.g. "ct-embedding"
  std::map<std::string, std::string> renamed;  ///< checkpoint's key -> the network's
  std::vector<std::string> dropped;            ///< keys of other parts, which are left out
  /// Entries of the manifest that say how the network is fed and its answers are put together, as
  /// the published system does it.
  nlohmann::json use = nlohmann::json::object();
};

struct Registered {
  std::string id;
  Network (*build)(Config&);
  /// Config and renamed keys when these are its keys; id is filled in by the caller.
  std::optional<Recognised> (*recognise)(const Shapes&);
};

/// The networks of one family each.
std::vector<Registered> ct_networks();
std::vector<Registered> picture_networks();
std::vector<Registered> volume_networks();
std::vector<Registered> volume_resnets();
std::vector<Registered> text_networks();
std::vector<Registered> head_networks();

/// Every registered network.
const std::vector<Registered>& registry();

/// Which network a checkpoint belongs to. Throws Error("unknown_checkpoint"_code) when none
/// recognises it.
Recognised recognise(const Shapes& shapes, const std::string& file);

}  // namespace thorax::nets
