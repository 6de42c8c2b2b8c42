#include "prepare/ct_block.h"

#include <cmath>

#include "base/parallel.h"

namespace thorax::prepare {
namespace {

// Where one result position along an axis lies in the source: between two voxels.
struct Tap {
  int low = 0, high = 0;
  float weight = 0;  ///< of the higher one
};

// One axis of the result: positions [begin, end) are interpolated, the others are padding.
struct Axis {
  int begin = 0, end = 0;
  std::vector<Tap> taps;  ///< of begin, begin + 1, …

  const Tap& at(int position) const { return taps[static_cast<std::size_t>(position - begin)]; }
};

Axis plan_axis(const char* name, int source, double spacing, double target, int length) {
  const auto resized = static_cast<int>(source * (spacing / target));
  if (resized < 1) {
    throw Error(
        "bad_network_input"_code,
        {{"network", "CTViT"},
         {"shape", std::to_string(source)},
         {"detail",
          std::string("it is thinner than one voxel of the network's grid along ") + name}});
  }
  const int crop = std::max((resized - length) / 2, 0);
  Axis axis;
  axis.begin = std::max((length - resized) / 2, 0);
  axis.end = std::min(axis.begin + resized, length);
  const double scale = static_cast<double>(source) / resized;
  for (int i = axis.begin; i < axis.end; ++i) {
    const int position = i - axis.begin + crop;
    const double at = std::max((position + 0.5) * scale - 0.5, 0.0);
    const int low = std::min(static_cast<int>(at), source - 1);
    axis.taps.push_back({low, std::min(low + 1, source - 1), static_cast<float>(at - low)});
  }
  return axis;
}

float blend(float low, float high, float weight) {
  return low + (high - low) * weight;
}

// rows [back][left] -> plane [left][back], in tiles that stay in the cache.
void transpose(const std::vector<float>& rows, int lefts, int backs, float* plane) {
  constexpr int kTile = 16;
  const auto width = static_cast<std::size_t>(lefts), height = static_cast<std::size_t>(backs);
  for (int l0 = 0; l0 < lefts; l0 += kTile) {
    for (int b0 = 0; b0 < backs; b0 += kTile) {
      for (int l = l0; l < std::min(l0 + kTile, lefts); ++l) {
        for (int b = b0; b < std::min(b0 + kTile, backs); ++b) {
          plane[static_cast<std::size_t>(l) * height + static_cast<std::size_t>(b)] =
              rows[static_cast<std::size_t>(b) * width + static_cast<std::size_t>(l)];
        }
      }
    }
  }
}

template <class T>
class BlockMaker {
 public:
  BlockMaker(const volume::Volume<T>& hu, const CtBlockOptions& options)
      : hu_(hu),
        options_(options),
        head_(plan_axis("the body axis", hu.shape().z, hu.grid().spacing.z, options.spacing[0],
                        options.shape[0])),
        left_(plan_axis("a row", hu.shape().x, hu.grid().spacing.x, options.spacing[1],
                        options.shape[1])),
        back_(plan_axis("a column", hu.shape().y, hu.grid().spacing.y, options.spacing[2],
                        options.shape[2])) {}

  NetworkInput make() const {
    const std::int64_t lefts = options_.shape[1], backs = options_.shape[2];
    NetworkInput input = make_input({1, options_.shape[0], lefts, backs});
    const auto plane_size = static_cast<std::size_t>(lefts * backs);
    parallel_for(
        static_cast<std::size_t>(options_.shape[0]), 4, [&](std::size_t begin, std::size_t end) {
          std::vector<float> slice(hu_.slice(0).size()), rows(plane_size);
          for (std::size_t i = begin; i < end; ++i) {
            make_plane(static_cast<int>(i), slice, rows, input.values.get() + i * plane_size);
          }
        });
    return input;
  }

 private:
  float clipped(T value) const {
    return std::min(std::max(static_cast<float>(value), static_cast<float>(options_.low)),
                    static_cast<float>(options_.high));
  }

  // One plane of the result: two slices become one, its rows are interpolated, then transposed.
  void make_plane(int position, std::vector<float>& slice, std::vector<float>& rows,
                  float* plane) const {
    const int lefts = options_.shape[1], backs = options_.shape[2];
    if (position < head_.begin || position >= head_.end) {
      std::fill_n(plane, static_cast<std::size_t>(lefts) * static_cast<std::size_t>(backs),
                  options_.padding);
      return;
    }
    blend_slices(head_.at(position), slice);
    std::fill(rows.begin(), rows.end(), options_.padding);
    std::vector<float> row(static_cast<std::size_t>(hu_.shape().x));
    for (int b = back_.begin; b < back_.end; ++b) {
      const Tap& tap = back_.at(b);
      const float* const low = slice.data() + static_cast<std::size_t>(tap.low) * row.size();
      const float* const high = slice.data() + static_cast<std::size_t>(tap.high) * row.size();
      for (std::size_t x = 0; x < row.size(); ++x) row[x] = blend(low[x], high[x], tap.weight);
      float* const out =
          rows.data() + static_cast<std::size_t>(b) * static_cast<std::size_t>(lefts);
      for (int l = left_.begin; l < left_.end; ++l) {
        const Tap& at = left_.at(l);
        out[l] = blend(row[static_cast<std::size_t>(at.low)],
                       row[static_cast<std::size_t>(at.high)], at.weight);
      }
    }
    transpose(rows, lefts, backs, plane);
  }

  void blend_slices(const Tap& tap, std::vector<float>& slice) const {
    const T* const low = hu_.slice(tap.low).data();
    const T* const high = hu_.slice(tap.high).data();
    const auto unit = static_cast<float>(1 / options_.divisor);
    for (std::size_t i = 0; i < slice.size(); ++i) {
      slice[i] = blend(clipped(low[i]), clipped(high[i]), tap.weight) * unit;
    }
  }

  const volume::Volume<T>& hu_;
  const CtBlockOptions& options_;
  Axis head_, left_, back_;
};

}  // namespace

NetworkInput prepare_ct_block(const volume::CtVolume& hu, const CtBlockOptions& options) {
  return BlockMaker(hu, options).make();
}
NetworkInput prepare_ct_block(const volume::Volume<float>& hu, const CtBlockOptions& options) {
  return BlockMaker(hu, options).make();
}

}  // namespace thorax::prepare
