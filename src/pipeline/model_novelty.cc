#include "pipeline/model_novelty.h"

#include <algorithm>
#include <stdexcept>

#include "base/error.h"
#include "weights/safetensors.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEntry = "novelty";
constexpr const char* kFile = "novelty.safetensors";

}  // namespace

std::optional<ModelNovelty> ModelNovelty::load(const fs::path& folder,
                                               const weights::Manifest& manifest) {
  const auto found = manifest.json.find(kEntry);
  if (found == manifest.json.end()) return {};
  ModelNovelty novelty;
  std::string name;
  try {
    name = found->at("file");
    novelty.limit = found->at("limit");
    novelty.false_alarm_rate = found->at("false_alarm_rate");
  } catch (const nlohmann::json::exception& problem) {
    throw Error("bad_model"_code, {{"path", (folder / "model.json").string()},
                                   {"detail", std::string("novelty: ") + problem.what()}});
  }
  // Only files that the manifest holds to their hash are opened, so no path leads out of the
  // folder.
  if (std::ranges::none_of(manifest.files, [&](const auto& file) { return file.name == name; }))
    throw Error("bad_model"_code,
                {{"path", (folder / "model.json").string()}, {"detail", "novelty: file " + name}});
  const weights::Safetensors file = weights::read_safetensors(folder / name);
  try {
    novelty.cloud.mean = file.tensors.at("mean").to_float();
    novelty.cloud.factor = file.tensors.at("factor").to_float();
  } catch (const std::out_of_range& absent) {
    throw Error("bad_weights"_code,
                {{"path", (folder / name).string()}, {"detail", absent.what()}});
  }
  return novelty;
}

void ModelNovelty::save(const fs::path& folder, weights::Manifest& manifest) const {
  const auto length = [](const std::vector<float>& values) {
    return std::vector{static_cast<std::int64_t>(values.size())};
  };
  weights::write_safetensors(
      folder / kFile, {{"mean", weights::make_tensor(length(cloud.mean), cloud.mean)},
                       {"factor", weights::make_tensor(length(cloud.factor), cloud.factor)}});
  std::erase_if(manifest.files, [](const auto& file) { return file.name == kFile; });
  manifest.files.push_back(weights::describe_file(folder / kFile));
  manifest.json[kEntry] = {
      {"file", kFile}, {"limit", limit}, {"false_alarm_rate", false_alarm_rate}};
}

findings::Novelty ModelNovelty::of(std::span<const float> features) const {
  try {
    return {evaluate::novelty(cloud, features), limit, false_alarm_rate};
  } catch (const std::invalid_argument& problem) {
    throw Error("bad_tensors"_code, {{"detail", problem.what()}});
  }
}

}  // namespace thorax::pipeline
