// Something made from weights when it is first needed, and again when they have changed.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "nets/pch.h"

namespace thorax::nets {

/// Safe to use from several threads. Weights made in inference mode count as changed only when
/// they lie elsewhere in memory: libtorch keeps no version of those.
template <class Product>
class MadeFrom {
 public:
  template <class Make>
  std::shared_ptr<const Product> get(const std::vector<at::Tensor>& weights, const Make& make) {
    std::vector<std::pair<const void*, std::uint32_t>> state;
    for (const at::Tensor& weight : weights)
      state.emplace_back(weight.data_ptr(),
                         weight.is_inference() ? 0 : static_cast<std::uint32_t>(weight._version()));
    const std::lock_guard lock(mutex_);
    if (!product_ || state != state_) {
      product_ = make();
      state_ = std::move(state);
    }
    return product_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<const void*, std::uint32_t>> state_;
  std::shared_ptr<const Product> product_;
};

}  // namespace thorax::nets
