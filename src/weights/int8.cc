#include "weights/int8.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace thorax::weights {
namespace {

constexpr float kLargestLevel = 127;
constexpr std::size_t kShortestRow = 16;  // else scales weigh as much as what is saved
constexpr const char* kScale = ".scale";

/// How many values lie between an index of the axis and the next.
std::size_t step_of(const Tensor& tensor, std::size_t axis) {
  std::size_t step = 1;
  for (std::size_t i = axis + 1; i < tensor.shape.size(); ++i)
    step *= static_cast<std::size_t>(tensor.shape[i]);
  return step;
}

Tensor multiplied(const Tensor& levels, const Tensor& scales) {
  std::vector<float> values = levels.to_float();
  const std::vector<float> factors = scales.to_float();
  const std::size_t step = step_of(levels, 0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i / step];
  return make_tensor(levels.shape, values);
}

}  // namespace

Quantised to_int8(const Tensor& tensor, std::size_t axis) {
  const std::vector<float> values = tensor.to_float();
  const auto channels = static_cast<std::size_t>(tensor.shape.at(axis));
  const std::size_t step = step_of(tensor, axis);
  const auto channel_of = [&](std::size_t i) { return i / step % channels; };
  std::vector<float> scales(channels, 0);
  for (std::size_t i = 0; i < values.size(); ++i)
    scales[channel_of(i)] = std::max(scales[channel_of(i)], std::abs(values[i]));
  for (float& scale : scales) scale = scale > 0 ? scale / kLargestLevel : 1;
  std::vector<std::byte> levels(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float level = std::nearbyint(values[i] / scales[channel_of(i)]);
    levels[i] = static_cast<std::byte>(
        static_cast<std::int8_t>(std::clamp(level, -kLargestLevel, kLargestLevel)));
  }
  return {make_tensor(DType::i8, tensor.shape, std::move(levels)),
          make_tensor({tensor.shape[axis]}, scales)};
}

StateDict in_eight_bits(const StateDict& exact) {
  StateDict out;
  for (const auto& [key, tensor] : exact) {
    if (tensor.shape.size() < 2 || step_of(tensor, 0) < kShortestRow) {
      out.emplace(key, tensor);
      continue;
    }
    Quantised quantised = to_int8(tensor, 0);
    out.emplace(key, std::move(quantised.levels));
    out.emplace(key + kScale, std::move(quantised.scales));
  }
  return out;
}

StateDict restored(StateDict read, const std::string& file) {
  for (auto& [key, tensor] : read) {
    if (tensor.type != DType::i8) continue;
    const auto scale = read.find(key + kScale);
    if (scale == read.end()) continue;
    if (tensor.shape.empty() || scale->second.type != DType::f32 ||
        scale->second.shape != std::vector<std::int64_t>{tensor.shape[0]})
      throw Error("bad_weights"_code,
                  {{"path", file}, {"detail", scale->first + " does not fit " + key}});
    tensor = multiplied(tensor, scale->second);
    read.erase(scale);
  }
  return read;
}

}  // namespace thorax::weights
