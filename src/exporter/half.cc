#include "exporter/half.h"

#include <bit>
#include <cstring>

namespace thorax::exporter {

std::uint16_t to_half(float value) {
  constexpr std::uint32_t kInfinity = 0x7f800000, kSmallestNormal = 0x38800000;  // 2^-14
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t size = bits & 0x7fffffff;
  if (size > kInfinity) return sign | 0x7e00;
  if (size >= 0x477ff000) return sign | 0x7c00;  // 65520 and above round to infinity
  if (size < kSmallestNormal) {
    // Fixed point of 2^-24: adding 0.5 makes the sum's last bit exactly that, rounded by the
    // processor.
    const float shifted = std::bit_cast<float>(size) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000));
  }
  const std::uint32_t rounded = size + 0xfff + (size >> 13 & 1);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000) >> 13));
}

weights::Tensor to_half(const weights::Tensor& tensor) {
  const std::vector<float> values = tensor.to_float();
  std::vector<std::byte> bytes(values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t half = to_half(values[i]);
    std::memcpy(bytes.data() + i * sizeof half, &half, sizeof half);
  }
  return weights::make_tensor(weights::DType::f16, tensor.shape, std::move(bytes));
}

}  // namespace thorax::exporter
