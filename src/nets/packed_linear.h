// A linear layer whose weights lie in memory as the processor's matrix units read them.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "nets/pch.h"

namespace thorax::nets {

/// y = x weight^T + bias by oneDNN, for many calls with the same weights: they are rearranged once
/// instead of at every call. Products are in the weights' type (fp32 or bf16), sums in fp32. Safe
/// to use from several threads; a call from a parallel range runs on its own thread.
class PackedLinear {
 public:
  /// weight [out, in], fp32 or bf16; bias [out], or none.
  PackedLinear(const at::Tensor& weight, const at::Tensor& bias);
  ~PackedLinear();

  /// x: [rows, in] in the weights' type. y: [rows, out], in the weights' type.
  void run(const void* x, std::int64_t rows, void* y) const;
  /// y += x weight^T + bias, with y fp32.
  void add(const void* x, std::int64_t rows, float* y) const;
  /// y = x weight^T + bias, with y fp32.
  void run_wide(const void* x, std::int64_t rows, float* y) const;

  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }

 private:
  enum class Into { own_type, fp32, sum };
  struct Products;

  void run(const void* x, std::int64_t rows, void* y, Into into) const;

  std::int64_t in_, out_;
  std::unique_ptr<Products> products_;
};

}  // namespace thorax::nets
