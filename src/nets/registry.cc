#include "nets/registry.h"

#include <algorithm>

#include "base/error.h"

namespace thorax::nets {

const std::vector<Registered>& registry() {
  static const std::vector<Registered> all = [] {
    std::vector<Registered> networks;
    for (const auto& family : {ct_networks(), picture_networks(), volume_networks(),
                               volume_resnets(), text_networks(), head_networks()})
      networks.insert(networks.end(), family.begin(), family.end());
    return networks;
  }();
  return all;
}

std::vector<std::string> network_ids() {
  std::vector<std::string> ids;
  for (const Registered& network : registry()) ids.push_back(network.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Network make_network(std::string_view id, const nlohmann::json& values) {
  for (const Registered& known : registry())
    if (known.id == id) {
      Config config(known.id, values);
      Network network = known.build(config);
      config.finish();
      return network;
    }
  throw Error("unknown_network"_code, {{"network", std::string(id)}});
}

Recognised recognise(const Shapes& shapes, const std::string& file) {
  for (const Registered& known : registry())
    if (auto found = known.recognise(shapes)) {
      found->network = known.id;
      return *found;
    }
  std::string example = shapes.empty() ? "" : shapes.begin()->first;
  throw Error("unknown_checkpoint"_code,
              {{"path", file}, {"count", std::to_string(shapes.size())}, {"key", example}});
}

}  // namespace thorax::nets
