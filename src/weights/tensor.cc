#include "weights/tensor.h"

#include <bit>
#include <cstring>

#include "base/error.h"

namespace thorax::weights {
namespace {

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  // Subnormal halves are multiples of 2^-24, which a float holds exactly.
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
  return sign ? -magnitude : magnitude;
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

float element(DType type, const std::byte* from) {
  switch (type) {
    case DType::f64:
      return static_cast<float>(load<double>(from));
    case DType::f32:
      return load<float>(from);
    case DType::f16:
      return half_to_float(load<std::uint16_t>(from));
    case DType::bf16:
      return std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(from)) << 16);
    case DType::i64:
      return static_cast<float>(load<std::int64_t>(from));
    case DType::i32:
      return static_cast<float>(load<std::int32_t>(from));
    case DType::i16:
      return static_cast<float>(load<std::int16_t>(from));
    case DType::i8:
      return static_cast<float>(load<std::int8_t>(from));
    case DType::u8:
      return static_cast<float>(load<std::uint8_t>(from));
    case DType::boolean:
      return load<std::uint8_t>(from) ? 1.0F : 0.0F;
  }
  throw Error("internal"_code, {{"detail", "unknown tensor type"}});
}

/// Calls visit(offset in elements) for every element in row-major order.
template <class Visit>
void for_each_offset(const Tensor& t, const Visit& visit) {
  if (t.count() == 0) return;
  std::vector<std::int64_t> index(t.shape.size(), 0);
  std::int64_t offset = 0;
  for (;;) {
    visit(offset);
    std::size_t axis = t.shape.size();
    while (axis > 0) {
      --axis;
      offset += t.strides[axis];
      if (++index[axis] < t.shape[axis]) break;
      offset -= t.strides[axis] * t.shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (t.shape.empty()) return;
  }
}

}  // namespace

std::size_t size_of(DType type) {
  switch (type) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  throw Error("internal"_code, {{"detail", "unknown tensor type"}});
}

std::string_view to_string(DType type) {
  switch (type) {
    case DType::f64:
      return "F64";
    case DType::f32:
      return "F32";
    case DType::f16:
      return "F16";
    case DType::bf16:
      return "BF16";
    case DType::i64:
      return "I64";
    case DType::i32:
      return "I32";
    case DType::i16:
      return "I16";
    case DType::i8:
      return "I8";
    case DType::u8:
      return "U8";
    case DType::boolean:
      return "BOOL";
  }
  throw Error("internal"_code, {{"detail", "unknown tensor type"}});
}

std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

std::int64_t Tensor::count() const {
  std::int64_t n = 1;
  for (const std::int64_t side : shape) n *= side;
  return n;
}

bool Tensor::contiguous() const {
  const std::vector<std::int64_t> packed_strides = row_major_strides(shape);
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] > 1 && strides[i] != packed_strides[i]) return false;
  return true;
}

Tensor Tensor::packed() const {
  if (contiguous() || count() == 0) return *this;
  const std::size_t size = size_of(type);
  std::vector<std::byte> out(static_cast<std::size_t>(count()) * size);
  std::byte* to = out.data();
  for_each_offset(*this, [&](std::int64_t offset) {
    std::memcpy(to, data + offset * static_cast<std::int64_t>(size), size);
    to += size;
  });
  return make_tensor(type, shape, std::move(out));
}

std::span<const std::byte> Tensor::bytes() const {
  if (!contiguous()) throw Error("internal"_code, {{"detail", "bytes() of a strided tensor"}});
  return {data, static_cast<std::size_t>(count()) * size_of(type)};
}

std::vector<float> Tensor::to_float() const {
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(count()));
  const auto size = static_cast<std::int64_t>(size_of(type));
  for_each_offset(*this,
                  [&](std::int64_t offset) { out.push_back(element(type, data + offset * size)); });
  return out;
}

Tensor make_tensor(DType type, std::vector<std::int64_t> shape, std::vector<std::byte> bytes) {
  auto owned = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  Tensor t{.type = type, .shape = std::move(shape), .data = owned->data(), .owner = owned};
  t.strides = row_major_strides(t.shape);
  if (static_cast<std::size_t>(t.count()) * size_of(type) != owned->size())
    throw Error("internal"_code, {{"detail", "a tensor's bytes do not fit its shape"}});
  return t;
}

namespace {

template <class T>
Tensor copied(DType type, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return make_tensor(type, std::move(shape), std::move(bytes));
}

}  // namespace

Tensor make_tensor(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return copied(DType::f32, std::move(shape), values);
}

Tensor make_index_tensor(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values) {
  return copied(DType::i64, std::move(shape), values);
}

}  // namespace thorax::weights
