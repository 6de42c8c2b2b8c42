// Tensors as files hold them: a type, a shape, strides, and bytes that somebody keeps alive. Free
// of torch, so that checkpoints can be read, checked and converted without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thorax::weights {

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

std::size_t size_of(DType type);
/// The name safetensors gives the type: "F32", "BF16", "BOOL" …
std::string_view to_string(DType type);

/// A view of a tensor. Values are little-endian.
struct Tensor {
  DType type = DType::f32;
  std::vector<std::int64_t> shape;    ///< empty for a scalar
  std::vector<std::int64_t> strides;  ///< in elements, one an axis
  const std::byte* data = nullptr;    ///< of the first element
  std::shared_ptr<const void> owner;  ///< keeps `data` alive

  std::int64_t count() const;  ///< number of elements
  bool contiguous() const;     ///< row-major without gaps
  /// The elements in row-major order: the bytes themselves when contiguous, else gathered into
  /// memory that the result owns.
  Tensor packed() const;
  std::span<const std::byte> bytes() const;  ///< of a contiguous tensor
  /// Values as fp32, in row-major order; from any type.
  std::vector<float> to_float() const;
};

/// A contiguous tensor over memory it owns.
Tensor make_tensor(DType type, std::vector<std::int64_t> shape, std::vector<std::byte> bytes);
Tensor make_tensor(std::vector<std::int64_t> shape, const std::vector<float>& values);
Tensor make_index_tensor(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);

std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape);

using StateDict = std::map<std::string, Tensor>;

}  // namespace thorax::weights
