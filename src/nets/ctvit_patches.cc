#include "nets/ctvit_patches.h"

#include "nets/bf16.h"
#include "nets/parallel.h"
#include "nets/row_kernels.h"

namespace thorax::nets {
namespace {

constexpr float kEpsilon = 1e-5F;
// Rows of blocks that are gathered before they are multiplied.
constexpr std::int64_t kRowsAtOnce = 4;

}  // namespace

CtvitPatches::CtvitPatches(const CtvitPatchWeights& weights, std::int64_t patch,
                           std::int64_t frames)
    : patch_(patch),
      frames_(frames),
      block_scale_(wide(weights.block_scale)),
      block_shift_(wide(weights.block_shift)),
      token_scale_(wide(weights.token_scale)),
      token_shift_(wide(weights.token_shift)),
      project_(weights.weight, weights.bias) {}

at::Tensor CtvitPatches::embed(const at::Tensor& volumes) const {
  const at::Tensor voxels = volumes.contiguous();
  const std::int64_t depth = voxels.size(2), height = voxels.size(3), width = voxels.size(4),
                     rows = height / patch_, columns = width / patch_, dim = project_.out(),
                     block = frames_ * patch_ * patch_, blocks_deep = depth / frames_,
                     all_rows = voxels.size(0) * blocks_deep * rows;
  at::Tensor tokens = at::empty({voxels.size(0), blocks_deep, rows, columns, dim}, at::kFloat);
  const float* in = voxels.data_ptr<float>();
  float* out = tokens.data_ptr<float>();
  const std::int64_t parts = (all_rows + kRowsAtOnce - 1) / kRowsAtOnce;
  parallel_ranges(parts, [&](std::int64_t begin, std::int64_t end) {
    const at::Tensor gathered = at::empty({columns, block}, at::kFloat),
                     normal = at::empty({kRowsAtOnce * columns, block}, at::kBFloat16),
                     projected = at::empty({kRowsAtOnce * columns, dim}, at::kFloat);
    Bf16Bits* const half = bits(normal);
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t first = part * kRowsAtOnce, last = std::min(first + kRowsAtOnce, all_rows);
      for (std::int64_t row = first; row < last; ++row) {
        // [batch][block along the depth][row of blocks]
        const float* corner =
            in + row / rows * frames_ * height * width + row % rows * patch_ * width;
        float* to = gathered.data_ptr<float>();
        for (std::int64_t column = 0; column < columns; ++column)
          for (std::int64_t f = 0; f < frames_; ++f)
            for (std::int64_t y = 0; y < patch_; ++y, to += patch_)
              std::copy_n(corner + (f * height + y) * width + column * patch_, patch_, to);
        normalise(gathered.data_ptr<float>(), columns, block, block_scale_.data_ptr<float>(),
                  block_shift_.data_ptr<float>(), kEpsilon, half + (row - first) * columns * block);
      }
      const std::int64_t count = (last - first) * columns;
      project_.run_wide(half, count, projected.data_ptr<float>());
      normalise(projected.data_ptr<float>(), count, dim, token_scale_.data_ptr<float>(),
                token_shift_.data_ptr<float>(), kEpsilon, out + first * columns * dim);
    }
  });
  return tokens;
}

}  // namespace thorax::nets
