#include "exporter/networks.h"

#include <map>

#include "base/error.h"

namespace thorax::exporter {
namespace {

const std::map<std::string, void (*)(Maker&)>& table() {
  static const std::map<std::string, void (*)(Maker&)> networks{
      {"body_part_regression", build_body_part_regression},
      {"ct_image_encoder", build_ct_image_encoder},
      {"ctclip", build_ctclip},
      {"ctclip_classfine", build_classfine},
      {"dinov2", build_dinov2},
      {"medicalnet", build_medicalnet},
      {"mlp_head", build_mlp_head},
      {"resnet", build_resnet},
      {"resnet3d", build_resnet3d},
      {"slab_cnn", build_slab_cnn},
      {"slab_resnet", build_slab_resnet},
      {"swin_unetr", build_swin_unetr},
      {"vit", build_vit},
  };
  return networks;
}

}  // namespace

std::vector<std::string> exportable_networks() {
  std::vector<std::string> ids;
  for (const auto& entry : table()) ids.push_back(entry.first);
  return ids;
}

void require_exportable(const weights::Manifest& manifest, const std::string& format) {
  if (table().contains(manifest.network)) return;
  std::string known;
  for (const std::string& id : exportable_networks()) known += (known.empty() ? "" : ", ") + id;
  throw Error("cannot_export"_code,
              {{"network", manifest.network}, {"format", format}, {"networks", known}});
}

Graph build_graph(const Source& source) {
  Maker maker(source);
  table().at(source.manifest.network)(maker);
  return std::move(maker.graph);
}

}  // namespace thorax::exporter
