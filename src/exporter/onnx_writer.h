// A graph as an ONNX file (https://github.com/onnx/onnx/blob/main/docs/IR.md).
#pragma once

#include <filesystem>
#include <map>

#include "base/progress.h"
#include "exporter/graph.h"

namespace thorax::exporter {

/// The operator set that files are written in. 17 has LayerNormalization and is what the checker of
/// ONNX 1.12 (Debian 12) and every later runtime know.
inline constexpr int kOpset = 17;

enum class OnnxPrecision {
  fp32,
  /// Products of matrices and convolutions in fp16, norms and what is added up along the layers in
  /// fp32; inputs and outputs stay fp32.
  fp16,
  /// The weights of products and convolutions are held in eight bits, with a scale for each of
  /// their outputs (weights/int8.h); everything is computed in fp32.
  int8,
};

struct OnnxOptions {
  OnnxPrecision precision = OnnxPrecision::fp32;
  /// Larger weights go into a file beside it; protobuf ends at 2 GiB.
  std::uint64_t inline_limit = std::uint64_t{1} << 30;
  std::map<std::string, std::string> metadata;
};

/// Writes `file` and, for large weights, FILE.data beside it; returns both. The side whose length
/// is the batch is called "batch". Throws Error("cannot_write"_code).
std::vector<std::filesystem::path> write_onnx(const Graph& graph, const std::filesystem::path& file,
                                              const OnnxOptions& options,
                                              const Progress& progress = {});

}  // namespace thorax::exporter
