#include "volume/resample.h"

#include <cmath>

#include "base/parallel.h"
#include "volume/rounding.h"

namespace thorax::volume {
namespace {

/// Where each target index of one axis falls on the source axis.
struct AxisMap {
  struct Sample {
    int low = 0;         ///< source index below
    int high = 0;        ///< source index above (equal to low at the far edge)
    float fraction = 0;  ///< weight of `high`
    bool inside = false;
  };
  std::vector<Sample> samples;

  AxisMap(int source_n, double source_origin, double source_spacing, int target_n,
          double target_origin, double target_spacing) {
    samples.resize(static_cast<std::size_t>(target_n));
    // Half a voxel around the outermost centres still belongs to the source.
    for (int i = 0; i < target_n; ++i) {
      const double p = (target_origin + i * target_spacing - source_origin) / source_spacing;
      Sample& s = samples[static_cast<std::size_t>(i)];
      s.inside = p >= -0.5 - 1e-6 && p <= source_n - 0.5 + 1e-6;
      const double clamped = std::clamp(p, 0.0, static_cast<double>(source_n - 1));
      s.low = std::min(static_cast<int>(clamped), source_n - 1);
      s.high = std::min(s.low + 1, source_n - 1);
      s.fraction = static_cast<float>(clamped - s.low);
    }
  }
};

struct GridMap {
  AxisMap z, y, x;
  GridMap(const Grid& s, const Grid& t)
      : z(s.shape.z, s.origin.z, s.spacing.z, t.shape.z, t.origin.z, t.spacing.z),
        y(s.shape.y, s.origin.y, s.spacing.y, t.shape.y, t.origin.y, t.spacing.y),
        x(s.shape.x, s.origin.x, s.spacing.x, t.shape.x, t.origin.x, t.spacing.x) {}
};

template <class T>
Volume<T> linear(const Volume<T>& source, const Grid& target, T outside) {
  Volume<T> out(target, outside);
  const GridMap map(source.grid(), target);
  parallel_for(static_cast<std::size_t>(target.shape.z), 1, [&](std::size_t z0, std::size_t z1) {
    for (std::size_t z = z0; z < z1; ++z) {
      const auto& sz = map.z.samples[z];
      if (!sz.inside) continue;
      for (int y = 0; y < target.shape.y; ++y) {
        const auto& sy = map.y.samples[static_cast<std::size_t>(y)];
        if (!sy.inside) continue;
        const T* r00 = &source(sz.low, sy.low, 0);
        const T* r01 = &source(sz.low, sy.high, 0);
        const T* r10 = &source(sz.high, sy.low, 0);
        const T* r11 = &source(sz.high, sy.high, 0);
        T* row = &out(static_cast<int>(z), y, 0);
        for (int x = 0; x < target.shape.x; ++x) {
          const auto& sx = map.x.samples[static_cast<std::size_t>(x)];
          if (!sx.inside) continue;
          const auto along_x = [&](const T* r) {
            return static_cast<float>(r[sx.low]) * (1 - sx.fraction) +
                   static_cast<float>(r[sx.high]) * sx.fraction;
          };
          const float low = along_x(r00) * (1 - sy.fraction) + along_x(r01) * sy.fraction;
          const float high = along_x(r10) * (1 - sy.fraction) + along_x(r11) * sy.fraction;
          row[x] = to_voxel<T>(low * (1 - sz.fraction) + high * sz.fraction);
        }
      }
    }
  });
  return out;
}

template <class T>
Volume<T> crop_block(const Volume<T>& source, Index low, Index high) {
  const Shape& shape = source.shape();
  if (low.z < 0 || low.y < 0 || low.x < 0 || high.z > shape.z || high.y > shape.y ||
      high.x > shape.x || low.z >= high.z || low.y >= high.y || low.x >= high.x)
    throw Error("internal"_code, {{"detail", "crop outside the volume"}});
  Grid grid = source.grid();
  grid.origin = source.grid().position(low);
  grid.shape = {high.z - low.z, high.y - low.y, high.x - low.x};
  Volume<T> out(grid);
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y)
      std::copy_n(&source(low.z + z, low.y + y, low.x), grid.shape.x, &out(z, y, 0));
  return out;
}

/// First source index of each target block along an axis, and one past the last block.
std::vector<int> block_starts(int source_n, double source_spacing, int target_n,
                              double target_spacing) {
  std::vector<int> starts(static_cast<std::size_t>(target_n) + 1, source_n);
  for (int i = 0; i < target_n; ++i)
    starts[static_cast<std::size_t>(i)] =
        std::min(source_n - 1,
                 static_cast<int>(std::ceil(i * target_spacing / source_spacing - 0.5 - 1e-6)));
  return starts;
}

}  // namespace

CtVolume resample_linear(const CtVolume& source, const Grid& target, std::int16_t outside) {
  return linear(source, target, outside);
}

Volume<float> resample_linear(const Volume<float>& source, const Grid& target, float outside) {
  return linear(source, target, outside);
}

Labels resample_nearest(const Labels& source, const Grid& target, std::uint8_t outside) {
  Labels out(target, outside);
  const GridMap map(source.grid(), target);
  const auto nearest = [](const AxisMap::Sample& s) { return s.fraction > 0.5F ? s.high : s.low; };
  parallel_for(static_cast<std::size_t>(target.shape.z), 1, [&](std::size_t z0, std::size_t z1) {
    for (std::size_t z = z0; z < z1; ++z) {
      if (!map.z.samples[z].inside) continue;
      for (int y = 0; y < target.shape.y; ++y) {
        const auto& sy = map.y.samples[static_cast<std::size_t>(y)];
        if (!sy.inside) continue;
        const std::uint8_t* from = &source(nearest(map.z.samples[z]), nearest(sy), 0);
        std::uint8_t* row = &out(static_cast<int>(z), y, 0);
        for (int x = 0; x < target.shape.x; ++x) {
          const auto& sx = map.x.samples[static_cast<std::size_t>(x)];
          if (sx.inside) row[x] = from[nearest(sx)];
        }
      }
    }
  });
  return out;
}

Grid isotropic_grid(const Grid& source, double mm, bool coarsen_only) {
  Grid out = source;
  const auto axis = [&](int n, double spacing, double origin, int& out_n, double& out_spacing,
                        double& out_origin) {
    out_spacing = coarsen_only ? std::max(mm, spacing) : mm;
    out_n = std::max(1, static_cast<int>(std::ceil(n * spacing / out_spacing - 1e-6)));
    out_origin = origin - spacing / 2 + out_spacing / 2;
  };
  axis(source.shape.z, source.spacing.z, source.origin.z, out.shape.z, out.spacing.z, out.origin.z);
  axis(source.shape.y, source.spacing.y, source.origin.y, out.shape.y, out.spacing.y, out.origin.y);
  axis(source.shape.x, source.spacing.x, source.origin.x, out.shape.x, out.spacing.x, out.origin.x);
  return out;
}

CtVolume shrink_mean(const CtVolume& source, const Grid& target) {
  const Grid& grid = source.grid();
  const auto zs = block_starts(grid.shape.z, grid.spacing.z, target.shape.z, target.spacing.z);
  const auto ys = block_starts(grid.shape.y, grid.spacing.y, target.shape.y, target.spacing.y);
  const auto xs = block_starts(grid.shape.x, grid.spacing.x, target.shape.x, target.spacing.x);
  CtVolume out(target);
  parallel_for(static_cast<std::size_t>(target.shape.z), 1, [&](std::size_t z0, std::size_t z1) {
    std::vector<std::int64_t> sums(static_cast<std::size_t>(target.shape.x));
    for (std::size_t z = z0; z < z1; ++z) {
      const int from_z = zs[z], to_z = std::max(zs[z + 1], from_z + 1);
      for (std::size_t y = 0; y < static_cast<std::size_t>(target.shape.y); ++y) {
        const int from_y = ys[y], to_y = std::max(ys[y + 1], from_y + 1);
        std::fill(sums.begin(), sums.end(), 0);
        for (int sz = from_z; sz < to_z; ++sz)
          for (int sy = from_y; sy < to_y; ++sy) {
            const std::int16_t* row = &source(sz, sy, 0);
            for (std::size_t x = 0; x < sums.size(); ++x) {
              const int to_x = std::max(xs[x + 1], xs[x] + 1);
              std::int32_t sum = 0;
              for (int sx = xs[x]; sx < to_x; ++sx) sum += row[sx];
              sums[x] += sum;
            }
          }
        std::int16_t* row = &out(static_cast<int>(z), static_cast<int>(y), 0);
        for (std::size_t x = 0; x < sums.size(); ++x) {
          const double n = static_cast<double>(to_z - from_z) * (to_y - from_y) *
                           (std::max(xs[x + 1], xs[x] + 1) - xs[x]);
          row[x] = static_cast<std::int16_t>(nearest(static_cast<double>(sums[x]) / n));
        }
      }
    }
  });
  return out;
}

CtVolume crop(const CtVolume& source, Index low, Index high) {
  return crop_block(source, low, high);
}
Mask crop(const Mask& source, Index low, Index high) {
  return crop_block(source, low, high);
}

}  // namespace thorax::volume
