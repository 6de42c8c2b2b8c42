// What a model folder says about itself: model.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "weights/tensor.h"

namespace thorax::weights {

/// An input or output of a network. -1 stands for a side that may have any length.
struct TensorInfo {
  std::string name;
  DType type = DType::f32;
  std::vector<std::int64_t> shape;
};

/// A file of the folder, held to its hash.
struct ModelFile {
  std::string name;  ///< a plain file name inside the folder
  std::string sha256;
  std::uint64_t bytes = 0;
};

/// The manifest of a learned model (kind "network"). What only some tasks need (labels, thresholds,
/// calibration, metrics, self-test) stays in `json` for those who know it.
struct Manifest {
  std::string name, version, task, licence;
  std::string network;           ///< an id of the networks' registry, or "onnx"
  nlohmann::json config;         ///< what that network is built from; an object
  std::string weights;           ///< name of the weights file among `files`
  std::vector<ModelFile> files;  ///< weights first, then companions such as a vocabulary
  std::vector<std::string> labels;
  nlohmann::json json;  ///< the whole manifest
  std::string sha256;   ///< of model.json itself
};

/// The tensor's type by its safetensors name; throws std::invalid_argument.
DType parse_dtype(const std::string& name);

/// Reads FOLDER/model.json. Throws Error("no_such_input"_code), or Error("bad_model"_code) naming
/// the field that is absent or wrong; a file name with a folder in it is wrong.
Manifest load_manifest(const std::filesystem::path& folder);

/// Writes FOLDER/model.json from `manifest.json` brought up to date with the other fields; sorted
/// keys, so that the same manifest gives the same bytes. Throws Error("cannot_write"_code).
void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

/// Name and content of a file as a manifest holds it; throws Error("no_such_input"_code).
ModelFile describe_file(const std::filesystem::path& path);

/// Names of the manifest's files that are missing or whose size or hash differs.
std::vector<std::string> altered_files(const std::filesystem::path& folder,
                                       const Manifest& manifest);

}  // namespace thorax::weights
