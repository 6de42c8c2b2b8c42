#include "weights/manifest.h"

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"

namespace thorax::weights {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFileName = "model.json";
constexpr int kSchema = 1;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument(what);
}

std::string plain_name(const json& value) {
  std::string name = value;
  require(!name.empty() && fs::path(name).filename() == name && name != "." && name != "..",
          "\"" + name + "\" is not a plain file name");
  return name;
}

Manifest parse(const std::string& content) {
  Manifest manifest;
  manifest.json = json::parse(content);
  const json& j = manifest.json;
  require(j.at("schema") == kSchema, "schema is not " + std::to_string(kSchema));
  require(j.at("kind") == "network", "kind is not network");
  manifest.name = j.at("name");
  manifest.version = j.at("version");
  manifest.task = j.at("task");
  manifest.licence = j.at("licence");
  manifest.network = j.at("network");
  manifest.config = j.at("config");
  require(manifest.config.is_object(), "config is not an object");
  for (const json& file : j.at("files"))
    manifest.files.push_back({plain_name(file.at("name")), file.at("sha256"), file.at("bytes")});
  require(!manifest.files.empty(), "files is empty");
  manifest.weights = plain_name(j.at("weights"));
  require(manifest.weights == manifest.files.front().name, "weights is not the first of files");
  manifest.labels = j.value("labels", std::vector<std::string>());
  manifest.sha256 = sha256_hex(content);
  return manifest;
}

json files_json(const std::vector<ModelFile>& files) {
  json out = json::array();
  for (const ModelFile& file : files)
    out.push_back({{"name", file.name}, {"sha256", file.sha256}, {"bytes", file.bytes}});
  return out;
}

}  // namespace

Manifest load_manifest(const fs::path& folder) {
  const fs::path path = folder / kFileName;
  const std::string content = read_file(path);
  try {
    return parse(content);
  } catch (const json::exception& problem) {
    throw Error("bad_model"_code, {{"path", path.string()}, {"detail", problem.what()}});
  } catch (const std::invalid_argument& problem) {
    throw Error("bad_model"_code, {{"path", path.string()}, {"detail", problem.what()}});
  }
}

void write_manifest(const fs::path& folder, const Manifest& manifest) {
  json j = manifest.json.is_object() ? manifest.json : json::object();
  j["schema"] = kSchema;
  j["kind"] = "network";
  j["name"] = manifest.name;
  j["version"] = manifest.version;
  j["task"] = manifest.task;
  j["licence"] = manifest.licence;
  j["network"] = manifest.network;
  j["config"] = manifest.config;
  j["weights"] = manifest.weights;
  j["files"] = files_json(manifest.files);
  if (!manifest.labels.empty()) j["labels"] = manifest.labels;
  write_file(folder / kFileName, j.dump(2) + '\n');
}

ModelFile describe_file(const fs::path& path) {
  std::error_code problem;
  const std::uintmax_t bytes = fs::file_size(path, problem);
  if (problem) throw Error("no_such_input"_code, {{"path", path.string()}});
  return {path.filename().string(), sha256_file(path), bytes};
}

std::vector<std::string> altered_files(const fs::path& folder, const Manifest& manifest) {
  std::vector<std::string> altered;
  for (const ModelFile& file : manifest.files) {
    std::error_code problem;
    const std::uintmax_t bytes = fs::file_size(folder / file.name, problem);
    if (problem || bytes != file.bytes || sha256_file(folder / file.name) != file.sha256)
      altered.push_back(file.name);
  }
  return altered;
}

}  // namespace thorax::weights
