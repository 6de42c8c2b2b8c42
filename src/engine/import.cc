#include "engine/import.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/memory.h"
#include "engine/card.h"
#include "engine/remote_runner.h"
#include "engine/self_test.h"
#include "engine/torch_plugin.h"
#include "weights/checkpoint.h"
#include "weights/safetensors.h"

namespace thorax::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void bad_option(const std::string& option, const std::string& value,
                             const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

bool is_companion(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".txt" || extension == ".json";
}

/// What a network cannot be used without, beside its weights.
void check_companions(const std::string& task, const std::vector<fs::path>& companions) {
  constexpr const char* kBodyPart = "inference-settings.json";
  const auto is_settings = [&](const fs::path& file) { return file.filename() == kBodyPart; };
  if (task == "ct-body-part" && std::none_of(companions.begin(), companions.end(), is_settings))
    bad_option("FILE", "model.pt", std::string("model.pt ") + kBodyPart);
}

/// Classes are the last side of the first output, or the channels of labelled voxels; labels have
/// to name all of them.
void check_labels(const std::vector<std::string>& labels, const Description& description) {
  if (labels.empty()) return;
  const std::vector<std::int64_t>& shape = description.functions.at(0).outputs.at(0).shape;
  const std::int64_t classes = shape.size() == 5 ? shape[1] : shape.back();
  if (classes != static_cast<std::int64_t>(labels.size()))
    bad_option("--labels", std::to_string(labels.size()), "classes: " + std::to_string(classes));
}

json sources_json(const std::vector<fs::path>& files) {
  json out = json::array();
  for (const fs::path& file : files) {
    const weights::ModelFile known = weights::describe_file(file);
    out.push_back({{"name", known.name}, {"sha256", known.sha256}, {"bytes", known.bytes}});
  }
  return out;
}

void copy_file_into(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  fs::copy_file(from, to, problem);
  if (problem)
    throw Error("cannot_write"_code, {{"path", to.string()}, {"detail", problem.message()}});
}

/// Paths with dots become objects in objects. What the import itself finds out cannot be given.
json nested(const std::map<std::string, json>& entries) {
  json out = json::object();
  for (const auto& [path, value] : entries) {
    const std::string first = path.substr(0, path.find('.'));
    static const std::set<std::string> own{"",       "kind",    "name",     "version", "task",
                                           "files",  "network", "weights",  "sources", "self_test",
                                           "labels", "licence", "precision"};
    if (own.contains(first) || path.ends_with('.') || path.find("..") != std::string::npos)
      bad_option("--manifest", path,
                 "config.patch_merging, preprocessing.spacing_mm, series.share, …");
    std::string pointer = "/" + path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    try {
      out[json::json_pointer(pointer)] = value;
    } catch (const json::exception& error) {
      bad_option("--manifest", path, error.what());
    }
  }
  return out;
}

/// Writes the checkpoint's weights under the network's own keys.
void take_checkpoint(const fs::path& checkpoint, const fs::path& folder, const json& config,
                     weights::Manifest& manifest) {
  const RecognisedCheckpoint found =
      torch_plugin().recognise(weights::read_checkpoint(checkpoint), config,
                               manifest.json.at("precision"), checkpoint.string());
  manifest.task = found.task;
  manifest.network = found.network;
  manifest.config = found.config;
  manifest.weights = "weights.safetensors";
  if (!found.dropped.empty()) manifest.json["left_out"] = found.dropped;
  manifest.json.update(found.use);
  weights::write_safetensors(folder / manifest.weights, found.weights);
}

/// An ONNX file holds network and weights.
void take_onnx(const fs::path& file, const fs::path& folder, weights::Manifest& manifest) {
  manifest.task = "onnx";
  manifest.network = "onnx";
  manifest.config = json::object();
  manifest.weights = "model.onnx";
  copy_file_into(file, folder / manifest.weights);
}

/// The server keeps the weights. A Thorax also tells what its own manifest says of the model.
void take_remote(const ImportRequest& request, const fs::path& folder,
                 weights::Manifest& manifest) {
  RemoteModel remote = parse_remote_address(request.remote);
  remote.token_file = request.token_file;
  const json metadata = remote_metadata(remote);
  const json known = metadata.value("/parameters/manifest"_json_pointer, json::object());
  manifest.json.update(known);
  manifest.task = known.value("task", "triton");
  manifest.network = known.value("network", "triton");
  manifest.config = known.value("config", json::object());
  manifest.labels = known.value("labels", manifest.labels);
  manifest.json["engine"] = "triton";
  manifest.weights = "remote.json";
  write_file(folder / manifest.weights, to_json(remote).dump(2) + '\n');
}

/// Runs the self-test and returns the memory that it took. Twice: the first run also brings the
/// weights into memory, and the second has to give the same.
std::uint64_t test_and_measure(Runner& runner, weights::Manifest& manifest) {
  manifest.json["self_test"] = run_self_test(runner, manifest.name);
  const std::uint64_t before = reset_peak_memory();
  check_self_test(runner, manifest, self_test_bound(runner.describe().precision));
  const std::uint64_t after = peak_memory_since_reset();
  return after > before ? after - before : 0;
}

}  // namespace

void check_model_name(const std::string& name) {
  const bool plain =
      !name.empty() && name[0] != '.' && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '_' || c == '.';
      });
  if (!plain) bad_option("NAME", name, "a-z A-Z 0-9 - _ .");
}

weights::Manifest import_model(const ImportRequest& request, const Progress& progress) {
  check_model_name(request.name);
  if (request.licence.empty()) bad_option("--licence", "\"\"", "Apache-2.0, CC-BY-NC-SA-4.0, …");
  const fs::path target = request.into / request.name;
  if (fs::exists(target))
    throw Error("model_exists"_code, {{"name", request.name}, {"path", target.string()}});

  if (!request.thresholds.empty() && request.thresholds.size() != request.labels.size())
    bad_option("--thresholds", std::to_string(request.thresholds.size()),
               "labels: " + std::to_string(request.labels.size()));
  json entries = nested(request.entries);
  json config = json::object();
  if (entries.contains("config")) {
    config = entries.at("config");
    entries.erase("config");
  }
  fs::path checkpoint;
  std::vector<fs::path> companions;
  for (const fs::path& file : request.files)
    if (is_companion(file))
      companions.push_back(file);
    else if (checkpoint.empty())
      checkpoint = file;
    else
      bad_option("FILE", file.string(), checkpoint.string());
  if (checkpoint.empty() == request.remote.empty())
    bad_option("FILE", request.remote,
               ".pt .pth .ckpt .bin .safetensors .onnx, http://host:8000/v2/models/NAME");

  fs::create_directories(request.into);
  NewFolder folder(target);
  progress.report("read", 0);
  weights::Manifest manifest;
  manifest.name = request.name;
  manifest.version = "1.0.0";
  manifest.licence = request.licence;
  manifest.json["precision"] = request.precision;
  if (!request.remote.empty())
    take_remote(request, folder.path(), manifest);
  else if (checkpoint.extension() == ".onnx")
    take_onnx(checkpoint, folder.path(), manifest);
  else
    take_checkpoint(checkpoint, folder.path(), config, manifest);
  manifest.json.merge_patch(entries);
  check_companions(manifest.task, companions);
  manifest.files.push_back(weights::describe_file(folder.path() / manifest.weights));
  for (const fs::path& file : companions) {
    copy_file_into(file, folder.path() / file.filename());
    manifest.files.push_back(weights::describe_file(folder.path() / file.filename()));
  }
  if (!request.labels.empty()) manifest.labels = request.labels;
  if (!request.embedding.empty()) manifest.json["embedding"] = request.embedding;
  if (request.decides) manifest.json["verdict"] = "decides";
  if (!request.thresholds.empty()) manifest.json["thresholds"] = request.thresholds;
  manifest.json["sources"] = request.remote.empty()
                                 ? sources_json(request.files)
                                 : sources_json({folder.path() / manifest.weights});
  weights::write_manifest(folder.path(), manifest);

  progress.report("self-test", 0.6);
  const std::unique_ptr<Runner> runner = load(folder.path(), {});
  check_labels(request.labels, runner->describe());
  manifest.json["parameters"] = runner->describe().parameters;
  manifest.json["item_bytes"] = test_and_measure(*runner, manifest);
  weights::write_manifest(folder.path(), manifest);
  write_file(folder.path() / "CARD.md", card_skeleton(manifest, runner->describe()));
  progress.report("write", 0.95);
  folder.commit();
  return weights::load_manifest(target);
}

}  // namespace thorax::engine
