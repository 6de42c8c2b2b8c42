#include "engine/self_test.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace thorax::engine {
namespace {

using nlohmann::json;

constexpr std::int64_t kOpenSide = 8;  // for sides that may have any length, the batch aside
constexpr std::size_t kShownValues = 8;

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

json summary(const Tensor& tensor, const std::string& name, const std::string& model) {
  const std::vector<float> values = tensor.to_float();
  double squares = 0, largest = 0;
  for (const float value : values) {
    if (!std::isfinite(value))
      throw Error("self_test_failed"_code,
                  {{"name", model}, {"detail", name + " holds values that are not finite"}});
    squares += double{value} * double{value};
    largest = std::max(largest, std::abs(double{value}));
  }
  json first = json::array();
  for (std::size_t i = 0; i < std::min(values.size(), kShownValues); ++i)
    first.push_back(values[i]);
  return {{"name", name},
          {"shape", tensor.shape},
          {"largest", largest},
          {"norm", std::sqrt(squares)},
          {"first", first}};
}

/// Largest difference of two summaries of one output; infinite when the shapes differ.
double difference(const json& a, const json& b) {
  if (a.at("shape") != b.at("shape") || a.at("first").size() != b.at("first").size())
    return std::numeric_limits<double>::infinity();
  const double scale = std::max(a.at("largest").get<double>(), 1e-12);
  const double norm = std::max(a.at("norm").get<double>(), 1e-12);
  double worst = std::abs(a.at("norm").get<double>() - b.at("norm").get<double>()) / norm;
  for (std::size_t i = 0; i < a.at("first").size(); ++i)
    worst = std::max(
        worst, std::abs(a.at("first")[i].get<double>() - b.at("first")[i].get<double>()) / scale);
  return worst;
}

}  // namespace

Tensor made_input(const weights::TensorInfo& info, std::int64_t batch, std::uint64_t seed) {
  std::vector<std::int64_t> shape = info.shape;
  for (std::size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] < 0) shape[axis] = axis == 0 ? batch : kOpenSide;
  std::size_t count = 1;
  for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
  if (info.type == weights::DType::f32) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
      values[i] = static_cast<float>(mix(seed + i) >> 40) * 0x1p-23f - 1;
    return weights::make_tensor(shape, values);
  }
  std::vector<std::byte> bytes(count * size_of(info.type), std::byte{0});
  for (std::size_t i = 0; i < count; ++i) bytes[i * size_of(info.type)] = std::byte{1};
  return weights::make_tensor(info.type, shape, std::move(bytes));
}

json run_self_test(Runner& runner, const std::string& model) {
  const FunctionInfo& function = runner.describe().function({});
  std::vector<Tensor> inputs;
  for (const weights::TensorInfo& info : function.inputs)
    inputs.push_back(made_input(info, 1, inputs.size() << 40));
  const std::vector<Tensor> outputs = runner.run(inputs, function.name);
  json out = json::array();
  for (std::size_t i = 0; i < outputs.size(); ++i)
    out.push_back(summary(outputs[i], function.outputs.at(i).name, model));
  return out;
}

void check_self_test(Runner& runner, const weights::Manifest& manifest, double bound) {
  const json& known = manifest.json.at("self_test");
  const json now = run_self_test(runner, manifest.name);
  for (std::size_t i = 0; i < std::max(known.size(), now.size()); ++i) {
    const double d = i < known.size() && i < now.size() ? difference(known[i], now[i])
                                                        : std::numeric_limits<double>::infinity();
    if (!(d <= bound))
      throw Error("self_test_failed"_code,
                  {{"name", manifest.name},
                   {"detail", "output " + std::to_string(i) + " differs by " + std::to_string(d) +
                                  ", allowed are " + std::to_string(bound)}});
  }
}

double self_test_bound(const std::string& precision) {
  return precision == "bf16" ? 0.1 : 1e-3;
}

}  // namespace thorax::engine
