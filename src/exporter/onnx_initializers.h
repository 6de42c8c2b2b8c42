// The constants of an ONNX file, each in the forms that its users want.
#pragma once

#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/files.h"
#include "base/progress.h"
#include "exporter/graph.h"

namespace thorax::exporter::wire {
class Graph;
class Tensor;  // NOLINT(bugprone-forward-declaration-namespace): of the generated header
}  // namespace thorax::exporter::wire

namespace thorax::exporter {

/// Writes tensors into the graph, or into the file beside it when they are to lie there.
class Initializers {
 public:
  /// `beside` is empty when the tensors lie in the graph.
  Initializers(const Graph& graph, wire::Graph& out, const std::filesystem::path& beside,
               const Progress& progress);

  bool is_constant(int id) const { return constants_.contains(id); }
  /// The name of a constant of the graph in that form, written when it is first asked for.
  std::string name(int id, bool half, bool transposed = false);
  /// Whether a constant is so small that fewer bits gain nothing.
  bool is_small(int id) const;
  /// The names of a constant in eight bits and of its scales along `axis`.
  struct Levels {
    std::string levels, scales;
  };
  Levels levels(int id, std::size_t axis, bool transposed);
  /// The name of a list of numbers that a step needs as a tensor.
  std::string list(const Sides& values);
  std::string scalar(float value);
  void commit();

 private:
  std::string add(const std::string& name, const weights::Tensor& tensor);
  void report(const Constant& constant);

  std::map<int, const Constant*> constants_;
  std::set<std::string> written_;
  wire::Graph& out_;
  std::unique_ptr<NewFile> beside_;
  std::string beside_name_;
  std::ofstream stream_;
  std::uint64_t offset_ = 0, done_ = 0, total_ = 0;
  Progress progress_;
};

}  // namespace thorax::exporter
