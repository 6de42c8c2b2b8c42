#include "exporter/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "engine/self_test.h"

namespace thorax::exporter {
namespace {

using engine::FunctionInfo;
using weights::Tensor;

bool takes_the_same(const FunctionInfo& a, const FunctionInfo& b) {
  return std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                    [](const weights::TensorInfo& x, const weights::TensorInfo& y) {
                      return x.name == y.name && x.type == y.type;
                    });
}

/// The model's own outputs by name; a name that two functions have is the first's.
std::map<std::string, Tensor> native_outputs(engine::Runner& native, const FunctionInfo& wanted,
                                             const std::vector<Tensor>& inputs) {
  std::map<std::string, Tensor> outputs;
  const auto is_wanted = [&](const weights::TensorInfo& output) {
    return !outputs.contains(output.name) &&
           std::any_of(wanted.outputs.begin(), wanted.outputs.end(),
                       [&](const weights::TensorInfo& one) { return one.name == output.name; });
  };
  for (const FunctionInfo& function : native.describe().functions) {
    if (!takes_the_same(function, wanted) ||
        std::none_of(function.outputs.begin(), function.outputs.end(), is_wanted))
      continue;
    const std::vector<Tensor> values = native.run(inputs, function.name);
    for (std::size_t i = 0; i < values.size(); ++i)
      outputs.emplace(function.outputs[i].name, values[i]);
  }
  return outputs;
}

Difference difference(const Tensor& known, const Tensor& got) {
  const double infinite = std::numeric_limits<double>::infinity();
  if (known.shape != got.shape) return {.largest = infinite, .relative = infinite};
  const std::vector<float> a = known.to_float(), b = got.to_float();
  Difference out;
  double scale = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double apart = std::abs(double{a[i]} - double{b[i]});
    // Not a number on one side compares as the largest difference there is.
    out.largest = std::isfinite(apart) ? std::max(out.largest, apart) : infinite;
    scale = std::max(scale, std::abs(double{a[i]}));
  }
  out.relative = out.largest == 0 ? 0 : out.largest / scale;
  return out;
}

}  // namespace

std::vector<Difference> compare(engine::Runner& native, engine::Runner& exported,
                                const std::vector<std::int64_t>& batches,
                                const Progress& progress) {
  const FunctionInfo& wanted = exported.describe().function({});
  std::vector<Difference> found;
  for (std::size_t n = 0; n < batches.size(); ++n) {
    progress.report("compare", static_cast<double>(n) / static_cast<double>(batches.size()));
    std::vector<Tensor> inputs;
    for (const weights::TensorInfo& info : wanted.inputs)
      inputs.push_back(engine::made_input(info, batches[n], (inputs.size() + 1) << 40));
    const std::vector<Tensor> values = exported.run(inputs);
    const std::map<std::string, Tensor> known = native_outputs(native, wanted, inputs);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string& name = wanted.outputs[i].name;
      if (!known.contains(name))
        throw Error("internal"_code,
                    {{"detail", "export: the model itself has no output " + name}});
      Difference one = difference(known.at(name), values[i]);
      one.batch = batches[n];
      one.output = name;
      found.push_back(std::move(one));
    }
  }
  return found;
}

void require_same(const std::vector<Difference>& differences, const std::string& model,
                  const std::string& precision) {
  const double bound = precision == "int8" ? 0.1 : precision == "fp16" ? 0.05 : 1e-3;
  for (const Difference& one : differences)
    if (!(one.relative <= bound))
      throw Error("export_differs"_code,
                  {{"name", model},
                   {"detail", one.output + ", batch " + std::to_string(one.batch) + ": " +
                                  std::to_string(one.relative) + " > " + std::to_string(bound)}});
}

}  // namespace thorax::exporter
