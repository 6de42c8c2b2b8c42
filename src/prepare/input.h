// What a network is fed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace thorax::prepare {

/// A row-major fp32 array. The memory is shared, so that an engine takes it without a copy.
struct NetworkInput {
  std::vector<std::int64_t> shape;
  std::shared_ptr<float[]> values;

  std::size_t count() const {
    std::size_t product = 1;
    for (const std::int64_t size : shape) product *= static_cast<std::size_t>(size);
    return product;
  }
  std::span<const float> span() const { return {values.get(), count()}; }
};

/// An array whose values the caller sets.
inline NetworkInput make_input(std::vector<std::int64_t> shape) {
  NetworkInput input{.shape = std::move(shape), .values = nullptr};
  input.values = std::make_shared_for_overwrite<float[]>(input.count());
  return input;
}

}  // namespace thorax::prepare
