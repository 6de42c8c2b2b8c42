#include "exporter/int8.h"

#include <algorithm>
#include <cmath>

namespace thorax::exporter {
namespace {

constexpr float kLargestLevel = 127;

}  // namespace

Quantised to_int8(const weights::Tensor& tensor, std::size_t axis) {
  const std::vector<float> values = tensor.to_float();
  const auto channels = static_cast<std::size_t>(tensor.shape.at(axis));
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < tensor.shape.size(); ++i)
    inner *= static_cast<std::size_t>(tensor.shape[i]);
  const auto channel_of = [&](std::size_t i) { return i / inner % channels; };
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
  return {weights::make_tensor(weights::DType::i8, tensor.shape, std::move(levels)),
          weights::make_tensor({tensor.shape[axis]}, scales)};
}

}  // namespace thorax::exporter
