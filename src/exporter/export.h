// thorax export: a model folder becomes one that other programs run.
#pragma once

#include "base/progress.h"
#include "exporter/compare.h"

namespace thorax::exporter {

enum class Format { onnx, torchscript };

struct ExportRequest {
  std::filesystem::path model;  ///< the model's folder
  std::filesystem::path out;    ///< the folder that is made
  Format format = Format::onnx;
  std::string precision = "fp32";                       ///< or, of ONNX, "fp16" or "int8"
  std::vector<std::int64_t> batches{1, 3, 8};           ///< in which both forms are compared
  std::uint64_t inline_limit = std::uint64_t{1} << 30;  ///< larger weights lie in a second file
};

struct Exported {
  weights::Manifest manifest;     ///< of the folder that was made
  engine::FunctionInfo function;  ///< what the file takes and gives
  std::vector<Difference> differences;
};

/// Throws Error("bad_option"_code) when `out` is there and no export made it.
void check_target(const std::filesystem::path& out);

/// Writes model.onnx or model.pt, a manifest (of an ONNX file one that lets Thorax run it with the
/// engine `onnx` as it runs the model itself), the model's companions and its card with what was
/// measured. The folder appears whole or not at all; a folder of an earlier export is replaced.
/// Throws Error: bad_option (a folder in the way, a precision that is not known), cannot_export,
/// export_differs, cannot_write, and what loading and running models throws.
Exported export_model(const ExportRequest& request, const Progress& progress);

}  // namespace thorax::exporter
