#include "prepare/slabs.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/parallel.h"
#include "prepare/area_resize.h"

namespace thorax::prepare {
namespace {

constexpr double kEpsilon = 1e-6;     // of the published code: keeps 1 just out of reach
constexpr double kMiddleShare = 0.8;  // of the slices, where packs are taken

void check(bool fine, const char* option, int value, const char* hint) {
  if (fine) return;
  throw Error("bad_option"_code,
              {{"option", option}, {"value", std::to_string(value)}, {"hint", hint}});
}

void check(const volume::CtVolume& hu, int neighbours, int size) {
  check(neighbours >= 1 && neighbours % 2 == 1, "neighbours", neighbours, "1, 3, 5 ...");
  check(size >= 1, "size", size, ">= 1");
  check(!hu.empty() && hu.size() > 0, "slices", hu.shape().z, ">= 1");
}

double windowed(double hu, const SlabWindow& window) {
  return (std::clamp(hu, window.low, window.high) - window.low) /
         (window.high - window.low + kEpsilon);
}

// Mirrored about the middle of the end slices, as often as it takes.
int mirrored(int slice, int depth) {
  if (depth == 1) return 0;
  const int period = 2 * (depth - 1);
  slice = ((slice % period) + period) % period;
  return slice < depth ? slice : period - slice;
}

// Mean of a slice and its neighbours.
void slab_mean(const volume::CtVolume& hu, int slice, int neighbours, std::vector<double>& mean) {
  std::fill(mean.begin(), mean.end(), 0.0);
  for (int k = -neighbours / 2; k <= neighbours / 2; ++k) {
    const auto source = hu.slice(mirrored(slice + k, hu.shape().z));
    for (std::size_t i = 0; i < source.size(); ++i) mean[i] += static_cast<double>(source[i]);
  }
  for (double& value : mean) value /= neighbours;
}

std::size_t pixels(const volume::CtVolume& hu) {
  return hu.slice(0).size();
}

}  // namespace

std::vector<float> slab_windows(const volume::CtVolume& hu, int slice, const SlabOptions& options) {
  check(hu, options.neighbours, options.size);
  check(slice >= 0 && slice < hu.shape().z, "slice", slice, "inside the volume");
  std::vector<double> mean(pixels(hu));
  slab_mean(hu, slice, options.neighbours, mean);
  std::vector<float> values;
  for (const double value : mean) {
    for (const SlabWindow& window : options.windows) {
      values.push_back(static_cast<float>(windowed(value, window)));
    }
  }
  return values;
}

NetworkInput prepare_slabs(const volume::CtVolume& hu, const std::vector<int>& slices,
                           const SlabOptions& options) {
  check(hu, options.neighbours, options.size);
  for (const int slice : slices)
    check(slice >= 0 && slice < hu.shape().z, "slice", slice, "inside the volume");
  const std::size_t channels = options.windows.size();
  const auto size = static_cast<std::size_t>(options.size);
  NetworkInput input = make_input(
      {std::ssize(slices), static_cast<std::int64_t>(channels), options.size, options.size});
  const AreaResize resize(hu.shape().y, hu.shape().x, options.size, options.size);
  parallel_for(slices.size(), 4, [&](std::size_t begin, std::size_t end) {
    std::vector<double> mean(pixels(hu));
    std::vector<float> channel(pixels(hu)), rows;
    for (std::size_t i = begin; i < end; ++i) {
      slab_mean(hu, slices[i], options.neighbours, mean);
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t p = 0; p < mean.size(); ++p) {
          channel[p] = static_cast<float>(windowed(mean[p], options.windows[c]));
        }
        resize(channel, {input.values.get() + (i * channels + c) * size * size, size * size}, rows);
      }
    }
  });
  return input;
}

std::vector<int> pack_anchors(int depth, int step) {
  check(step >= 1, "step", step, ">= 1");
  const int first = static_cast<int>((1 - kMiddleShare) / 2 * depth);
  std::vector<int> anchors;
  for (int anchor = first; anchor < depth - first; anchor += step) anchors.push_back(anchor);
  return anchors;
}

std::vector<int> pack_slices(int anchor, int depth, int neighbours) {
  std::vector<int> slices;
  for (int slice = anchor - neighbours / 2; slice <= anchor + neighbours / 2; ++slice) {
    int inside = slice < 0 ? -slice : slice;
    if (inside >= depth) inside = 2 * (depth - 1) - inside;
    slices.push_back(std::clamp(inside, 0, depth - 1));
  }
  return slices;
}

NetworkInput prepare_packs(const volume::CtVolume& hu, const std::vector<int>& anchors,
                           const PackOptions& options) {
  check(hu, options.neighbours, options.size);
  for (const int anchor : anchors) {
    check(anchor >= 0 && anchor < hu.shape().z, "anchor", anchor, "inside the volume");
  }
  const std::size_t windows = options.windows.size();
  const auto neighbours = static_cast<std::size_t>(options.neighbours);
  const auto area = static_cast<std::size_t>(options.size) * static_cast<std::size_t>(options.size);
  NetworkInput input =
      make_input({std::ssize(anchors), static_cast<std::int64_t>(neighbours * windows),
                  options.size, options.size});
  const AreaResize resize(hu.shape().y, hu.shape().x, options.size, options.size);
  parallel_for(anchors.size(), 1, [&](std::size_t begin, std::size_t end) {
    std::vector<float> slice(pixels(hu)), small(area), rows;
    for (std::size_t a = begin; a < end; ++a) {
      float* out = input.values.get() + a * neighbours * windows * area;
      for (const int z : pack_slices(anchors[a], hu.shape().z, options.neighbours)) {
        const auto source = hu.slice(z);
        std::copy(source.begin(), source.end(), slice.begin());
        resize(slice, small, rows);
        for (const SlabWindow& window : options.windows) {
          for (const float value : small) {
            *out++ = static_cast<float>(windowed(static_cast<double>(value), window));
          }
        }
      }
    }
  });
  return input;
}

}  // namespace thorax::prepare
