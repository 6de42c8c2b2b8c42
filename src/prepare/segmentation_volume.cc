#include "prepare/segmentation_volume.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/parallel.h"

namespace thorax::prepare {
namespace {

// Where a result lies between two values of the source.
struct Tap {
  int low = 0, high = 0;
  float weight = 0;  // of the higher one
};

Tap tap_at(double place, int count) {
  place = std::clamp(place, 0.0, static_cast<double>(count - 1));
  const int low = static_cast<int>(place);
  return {low, std::min(low + 1, count - 1), static_cast<float>(place - low)};
}

float blend(float low, float high, float weight) {
  return low + (high - low) * weight;
}

void check(bool fine, const char* option, double value, const char* hint) {
  if (!fine)
    throw Error("bad_option"_code,
                {{"option", option}, {"value", std::to_string(value)}, {"hint", hint}});
}

}  // namespace

SegmentationVolume::SegmentationVolume(const volume::CtVolume& hu,
                                       const SegmentationVolumeOptions& options)
    : ct_(hu.grid()) {
  const std::array<int, 3> count{ct_.shape.x, ct_.shape.y, ct_.shape.z};
  const std::array<double, 3> spacing{ct_.spacing.x, ct_.spacing.y, ct_.spacing.z};
  check(options.low < options.high, "low", options.low, "low < high");
  std::array<std::vector<Tap>, 3> taps;  // of every voxel of the result; none: padding
  for (std::size_t a = 0; a < 3; ++a) {
    check(options.spacing[a] > 0, "spacing_mm", options.spacing[a], "> 0");
    check(options.padded_to[a] >= 0, "padded_to", options.padded_to[a], ">= 0");
    scale_[a] = options.spacing[a] / spacing[a];
    resampled_[a] = static_cast<int>(std::lround((count[a] - 1) / scale_[a])) + 1;
    const int wanted = options.padded_to[a] ? options.padded_to[a] : resampled_[a];
    offset_[a] =
        wanted >= resampled_[a] ? -((wanted - resampled_[a]) / 2) : (resampled_[a] - wanted) / 2;
    size_[a] = wanted;
    for (int i = 0; i < wanted; ++i) {
      Tap tap = tap_at((i + offset_[a]) * scale_[a], count[a]);
      // Columns run to the left and rows to the back.
      if (a < 2) tap = {count[a] - 1 - tap.low, count[a] - 1 - tap.high, tap.weight};
      taps[a].push_back(tap);
    }
  }
  const auto inside = [&](std::size_t a, std::int64_t i) {
    return i + offset_[a] >= 0 && i + offset_[a] < resampled_[a];
  };
  values_.assign(static_cast<std::size_t>(count_of(size_)), 0);
  const auto low = static_cast<float>(options.low),
             unit = static_cast<float>(1 / (options.high - options.low));
  parallel_for(static_cast<std::size_t>(size_[0]), 2, [&](std::size_t begin, std::size_t end) {
    for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
      if (!inside(0, i)) continue;
      const Tap& x = taps[0][static_cast<std::size_t>(i)];
      for (std::int64_t j = 0; j < size_[1]; ++j) {
        if (!inside(1, j)) continue;
        const Tap& y = taps[1][static_cast<std::size_t>(j)];
        const auto in_slice = [&](int z) {
          const auto at = [&](int row, int column) {
            return static_cast<float>(hu(z, row, column));
          };
          return blend(blend(at(y.low, x.low), at(y.low, x.high), x.weight),
                       blend(at(y.high, x.low), at(y.high, x.high), x.weight), y.weight);
        };
        float* const out = values_.data() + (i * size_[1] + j) * size_[2];
        for (std::int64_t k = 0; k < size_[2]; ++k) {
          if (!inside(2, k)) continue;
          const Tap& z = taps[2][static_cast<std::size_t>(k)];
          const float value = blend(in_slice(z.low), in_slice(z.high), z.weight);
          out[k] = std::clamp((value - low) * unit, 0.F, 1.F);
        }
      }
    }
  });
}

std::vector<std::uint8_t> SegmentationVolume::of_ct(const volume::CtVolume& labels) const {
  const std::array<int, 3> count{ct_.shape.x, ct_.shape.y, ct_.shape.z};
  std::array<std::vector<int>, 3> places;  // -1: outside
  for (std::size_t a = 0; a < 3; ++a)
    for (std::int64_t i = 0; i < size_[a]; ++i) {
      const std::int64_t at = i + offset_[a];
      const int nearest = std::min(
          static_cast<int>(std::lround(static_cast<double>(at) * scale_[a])), count[a] - 1);
      const bool inside = at >= 0 && at < resampled_[a];
      places[a].push_back(!inside ? -1 : a < 2 ? count[a] - 1 - nearest : nearest);
    }
  std::vector<std::uint8_t> out(values_.size());
  std::size_t i = 0;
  for (const int x : places[0])
    for (const int y : places[1])
      for (const int z : places[2]) {
        if (x >= 0 && y >= 0 && z >= 0)
          out[i] = static_cast<std::uint8_t>(std::clamp<int>(labels(z, y, x), 0, 255));
        ++i;
      }
  return out;
}

volume::Labels SegmentationVolume::to_ct(std::span<const std::uint8_t> labels) const {
  volume::Labels out(ct_);
  std::array<std::vector<std::int64_t>, 3> places;  // -1: outside
  const std::array<int, 3> count{ct_.shape.x, ct_.shape.y, ct_.shape.z};
  for (std::size_t a = 0; a < 3; ++a)
    for (int i = 0; i < count[a]; ++i) {
      const int at = a < 2 ? count[a] - 1 - i : i;
      const std::int64_t nearest =
          std::min<std::int64_t>(std::lround(at / scale_[a]), resampled_[a] - 1) - offset_[a];
      places[a].push_back(nearest >= 0 && nearest < size_[a] ? nearest : -1);
    }
  parallel_for(static_cast<std::size_t>(ct_.shape.z), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t z = begin; z < end; ++z)
      for (int y = 0; y < ct_.shape.y; ++y)
        for (int x = 0; x < ct_.shape.x; ++x) {
          const std::int64_t i = places[0][static_cast<std::size_t>(x)],
                             j = places[1][static_cast<std::size_t>(y)], k = places[2][z];
          if (i < 0 || j < 0 || k < 0) continue;
          out(static_cast<int>(z), y, x) =
              labels[static_cast<std::size_t>((i * size_[1] + j) * size_[2] + k)];
        }
  });
  return out;
}

void resize_trilinear(std::span<const float> from, const Grid& from_size, const Grid& to_size,
                      std::span<float> to) {
  std::array<std::vector<Tap>, 3> taps;
  for (std::size_t a = 0; a < 3; ++a) {
    const double scale = static_cast<double>(from_size[a]) / static_cast<double>(to_size[a]);
    for (std::int64_t i = 0; i < to_size[a]; ++i)
      taps[a].push_back(
          tap_at((static_cast<double>(i) + 0.5) * scale - 0.5, static_cast<int>(from_size[a])));
  }
  const auto at = [&](int z, int y, int x) {
    return from[static_cast<std::size_t>((z * from_size[1] + y) * from_size[2] + x)];
  };
  std::size_t i = 0;
  for (const Tap& z : taps[0])
    for (const Tap& y : taps[1])
      for (const Tap& x : taps[2]) {
        const auto row = [&](int zz, int yy) {
          return blend(at(zz, yy, x.low), at(zz, yy, x.high), x.weight);
        };
        to[i++] = blend(blend(row(z.low, y.low), row(z.low, y.high), y.weight),
                        blend(row(z.high, y.low), row(z.high, y.high), y.weight), z.weight);
      }
}

}  // namespace thorax::prepare
