#include "nets/position_conv.h"

#include "nets/bf16.h"
#include "nets/parallel.h"

namespace thorax::nets {
namespace {

constexpr std::int64_t kTaps = 27;
constexpr std::int64_t kLanes = 64;  // channels summed together: as many as registers hold

struct Taps {
  const float* weights;            ///< [27][dim]
  const float* bias;               ///< [dim]
  std::int64_t offset[kTaps];      ///< of the neighbour, in elements
  std::int64_t weight_row[kTaps];  ///< its row of weights, in elements
  std::int64_t count;              ///< neighbours inside the grid
};

// One cell: its neighbours, weighted and summed, added to itself.
template <class T>
__attribute__((always_inline)) inline void cell_sum(const T* cell, T* out, std::int64_t dim,
                                                    const Taps& taps) {
  for (std::int64_t c = 0; c < dim; c += kLanes) {
    const std::int64_t lanes = std::min(kLanes, dim - c);
    float sum[kLanes];
    for (std::int64_t i = 0; i < lanes; ++i) sum[i] = taps.bias[c + i];
    for (std::int64_t t = 0; t < taps.count; ++t) {
      const T* neighbour = cell + taps.offset[t] + c;
      const float* weight = taps.weights + taps.weight_row[t] + c;
      if (lanes == kLanes) {
        for (std::int64_t i = 0; i < kLanes; ++i) sum[i] += load(neighbour + i) * weight[i];
      } else {
        for (std::int64_t i = 0; i < lanes; ++i) sum[i] += load(neighbour + i) * weight[i];
      }
    }
    for (std::int64_t i = 0; i < lanes; ++i) store(sum[i] + load(cell + c + i), out + c + i);
  }
}

THORAX_VECTOR_CLONES
void sum_cell(const float* cell, float* out, std::int64_t dim, const Taps& taps) {
  cell_sum(cell, out, dim, taps);
}
THORAX_VECTOR_CLONES
void sum_cell(const Bf16Bits* cell, Bf16Bits* out, std::int64_t dim, const Taps& taps) {
  cell_sum(cell, out, dim, taps);
}

template <class T>
void convolve(const at::Tensor& cells, const T* in, T* out, const float* weights,
              const float* bias) {
  const std::int64_t first = cells.size(1), second = cells.size(2), third = cells.size(3),
                     dim = cells.size(4);
  parallel_parts(cells.size(0) * first * second, [&](std::int64_t row) {
    const std::int64_t f = row / second % first, s = row % second;
    for (std::int64_t t = 0; t < third; ++t) {
      Taps taps{.weights = weights, .bias = bias, .offset = {}, .weight_row = {}, .count = 0};
      for (std::int64_t tap = 0; tap < kTaps; ++tap) {
        const std::int64_t df = tap / 9 - 2, ds = tap / 3 % 3 - 1, dt = tap % 3 - 1;
        if (f + df < 0 || s + ds < 0 || s + ds >= second || t + dt < 0 || t + dt >= third) continue;
        taps.offset[taps.count] = ((df * second + ds) * third + dt) * dim;
        taps.weight_row[taps.count++] = tap * dim;
      }
      const std::int64_t at = (row * third + t) * dim;
      sum_cell(in + at, out + at, dim, taps);
    }
  });
}

}  // namespace

at::Tensor add_position_conv(const at::Tensor& cells, const at::Tensor& weight,
                             const at::Tensor& bias) {
  const at::Tensor weights = weight.to(at::kFloat).view({-1, kTaps}).t().contiguous();
  const at::Tensor offsets = bias.to(at::kFloat);
  at::Tensor out = at::empty_like(cells);
  if (cells.scalar_type() == at::kBFloat16) {
    convolve(cells, bits(cells), bits(out), weights.data_ptr<float>(), offsets.data_ptr<float>());
  } else {
    convolve(cells, cells.data_ptr<float>(), out.data_ptr<float>(), weights.data_ptr<float>(),
             offsets.data_ptr<float>());
  }
  return out;
}

}  // namespace thorax::nets
