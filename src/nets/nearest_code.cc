#include "nets/nearest_code.h"

#include "nets/bf16.h"
#include "nets/layers.h"
#include "nets/parallel.h"
#include "nets/row_kernels.h"

namespace thorax::nets {
namespace {

// Rounding both factors changes a product by 2^-8 of it, and the products of two vectors of unit
// length add up to at most 1 without their signs; a little more for the sums.
constexpr float kError = 1.0F / 256 + 1e-4F;
// Tokens compared together: bounds their similarities to 2 MB for 8192 codes.
constexpr std::int64_t kTokensAtOnce = 64;

float product(const float* a, const float* b, std::int64_t n) {
  constexpr std::int64_t kLanes = 16;
  float parts[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) parts[lane] += a[i + lane] * b[i + lane];
  float sum = 0;
  for (const float part : parts) sum += part;
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

at::Tensor unit_codes(const at::Tensor& codebook) {
  return l2_normalise(codebook.to(at::kFloat)).contiguous();
}

}  // namespace

NearestCode::NearestCode(const at::Tensor& codebook)
    : codes_(unit_codes(codebook)), compare_(codes_.to(at::kBFloat16), {}) {}

at::Tensor NearestCode::operator()(const at::Tensor& tokens) const {
  const at::Tensor rows = tokens.contiguous();
  const std::int64_t count = rows.size(0), dim = rows.size(1), codes = codes_.size(0);
  at::Tensor indices = at::empty({count}, at::kLong);
  const std::int64_t parts = (count + kTokensAtOnce - 1) / kTokensAtOnce;
  parallel_ranges(parts, [&](std::int64_t begin, std::int64_t end) {
    const at::Tensor narrowed = at::empty({kTokensAtOnce, dim}, at::kBFloat16),
                     likeness = at::empty({kTokensAtOnce, codes}, at::kFloat);
    Bf16Bits* const half = bits(narrowed);
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t first = part * kTokensAtOnce,
                         size = std::min(kTokensAtOnce, count - first);
      const at::Tensor unit = l2_normalise(rows.narrow(0, first, size));
      narrow(unit.data_ptr<float>(), size * dim, half);
      compare_.run_wide(half, size, likeness.data_ptr<float>());
      for (std::int64_t i = 0; i < size; ++i) {
        const float* row = likeness.data_ptr<float>() + i * codes;
        const float* token = unit.data_ptr<float>() + i * dim;
        const float least = highest(row, codes) - 2 * kError;
        std::int64_t best = 0;
        float best_likeness = -2;
        for (std::int64_t code = next_above(row, 0, codes, least); code < codes;
             code = next_above(row, code + 1, codes, least)) {
          const float exact = product(token, codes_.data_ptr<float>() + code * dim, dim);
          if (exact > best_likeness) {
            best_likeness = exact;
            best = code;
          }
        }
        indices.data_ptr<std::int64_t>()[first + i] = best;
      }
    }
  });
  return indices;
}

}  // namespace thorax::nets
