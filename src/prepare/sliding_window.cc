#include "prepare/sliding_window.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace thorax::prepare {
namespace {

[[noreturn]] void refuse(const char* option, const std::string& value, const char* hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

WindowAxis plan_axis(std::int64_t size, std::int64_t window, const SlidingOptions& options) {
  WindowAxis axis{.starts = {}, .visits = {}, .size = std::max(size, window), .window = window};
  axis.padding = (axis.size - size) / 2;
  const auto stride =
      static_cast<std::int64_t>(static_cast<double>(window) * (1 - options.overlap));
  const std::int64_t interval = std::max<std::int64_t>(1, stride), last = axis.size - window;
  for (std::int64_t start = 0;; start += interval) {
    // MONAI stops at the window that reaches the end; the other rule goes on while a window would
    // begin inside the volume.
    const std::int64_t place = std::min(start, last);
    if (!axis.starts.empty() && axis.starts.back() == place) {
      ++axis.visits.back();
    } else {
      axis.starts.push_back(place);
      axis.visits.push_back(1);
    }
    const std::int64_t next = start + interval;
    if (options.repeat_last ? next >= axis.size : start >= last) return axis;
  }
}

std::vector<float> bell(std::int64_t window) {
  const double sigma = 0.125 * static_cast<double>(window);
  std::vector<float> values;
  for (std::int64_t i = 0; i < window; ++i) {
    const double x = static_cast<double>(i) - static_cast<double>(window - 1) / 2;
    values.push_back(static_cast<float>(std::exp(-x * x / (2 * sigma * sigma))));
  }
  return values;
}

}  // namespace

std::vector<float> importance_map(const Grid& window, WindowBlend blend) {
  std::vector<float> map(static_cast<std::size_t>(count_of(window)), 1.F);
  if (blend == WindowBlend::constant) return map;
  const std::array<std::vector<float>, 3> bells{bell(window[0]), bell(window[1]), bell(window[2])};
  std::size_t i = 0;
  for (const float z : bells[0]) {
    for (const float y : bells[1]) {
      for (const float x : bells[2]) map[i++] = z * y * x;
    }
  }
  const float floor = std::max(*std::min_element(map.begin(), map.end()), 1e-3F);
  for (float& value : map) value = std::max(value, floor);
  return map;
}

SlidingPlan::SlidingPlan(const Grid& volume, const SlidingOptions& options) : volume_(volume) {
  if (options.overlap < 0 || options.overlap >= 1) {
    refuse("overlap", std::to_string(options.overlap), "0 ... 0.99");
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (options.window[axis] < 1 || volume[axis] < 1) {
      refuse("window", std::to_string(std::min(options.window[axis], volume[axis])), ">= 1");
    }
    axes_[axis] = plan_axis(volume[axis], options.window[axis], options);
  }
  importance_ = importance_map(options.window, options.blend);
  list_windows();
}

void SlidingPlan::list_windows() {
  for (std::size_t z = 0; z < axes_[0].starts.size(); ++z) {
    for (std::size_t y = 0; y < axes_[1].starts.size(); ++y) {
      for (std::size_t x = 0; x < axes_[2].starts.size(); ++x) {
        windows_.push_back({{static_cast<std::int64_t>(z), static_cast<std::int64_t>(y),
                             static_cast<std::int64_t>(x)},
                            {axes_[0].starts[z], axes_[1].starts[y], axes_[2].starts[x]}});
      }
    }
  }
}

SlidingPlan SlidingPlan::scaled(const Grid& output_window) const {
  SlidingPlan plan;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::int64_t from = axes_[a].window, to = output_window[a];
    const auto scale = [&](std::int64_t place) {
      if (place * to % from != 0) {
        refuse("window", std::to_string(to), "starts that scale to whole voxels");
      }
      return place * to / from;
    };
    plan.volume_[a] = scale(volume_[a]);
    plan.axes_[a] = axes_[a];
    plan.axes_[a].size = scale(axes_[a].size);
    plan.axes_[a].window = to;
    plan.axes_[a].padding = scale(axes_[a].padding);
    for (std::int64_t& start : plan.axes_[a].starts) start = scale(start);
  }
  plan.list_windows();
  // Centres of the output's voxels, as in nearest-exact resampling.
  const auto nearest = [&](std::int64_t i, std::size_t a) {
    return (2 * i + 1) * axes_[a].window / (2 * output_window[a]);
  };
  for (std::int64_t z = 0; z < output_window[0]; ++z) {
    for (std::int64_t y = 0; y < output_window[1]; ++y) {
      for (std::int64_t x = 0; x < output_window[2]; ++x) {
        const std::int64_t row = nearest(z, 0) * axes_[1].window + nearest(y, 1);
        plan.importance_.push_back(
            importance_[static_cast<std::size_t>(row * axes_[2].window + nearest(x, 2))]);
      }
    }
  }
  return plan;
}

SlidingPlan SlidingPlan::permuted(const std::array<std::size_t, 3>& order) const {
  SlidingPlan plan;
  const Grid stride{axes_[1].window * axes_[2].window, axes_[2].window, 1};
  for (std::size_t a = 0; a < 3; ++a) {
    plan.volume_[a] = volume_[order[a]];
    plan.axes_[a] = axes_[order[a]];
  }
  plan.list_windows();
  plan.importance_.reserve(importance_.size());
  for (std::int64_t z = 0; z < plan.axes_[0].window; ++z) {
    for (std::int64_t y = 0; y < plan.axes_[1].window; ++y) {
      for (std::int64_t x = 0; x < plan.axes_[2].window; ++x) {
        const std::int64_t at = z * stride[order[0]] + y * stride[order[1]] + x * stride[order[2]];
        plan.importance_.push_back(importance_[static_cast<std::size_t>(at)]);
      }
    }
  }
  return plan;
}

float SlidingPlan::visits(const Window& window) const {
  int product = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    product *= axes_[a].visits[static_cast<std::size_t>(window.place[a])];
  }
  return static_cast<float>(product);
}

std::vector<Grid> SlidingPlan::visits() const {
  std::array<std::vector<std::int64_t>, 3> starts;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t i = 0; i < axes_[a].starts.size(); ++i) {
      starts[a].insert(starts[a].end(), static_cast<std::size_t>(axes_[a].visits[i]),
                       axes_[a].starts[i]);
    }
  }
  std::vector<Grid> places;
  for (const std::int64_t z : starts[0]) {
    for (const std::int64_t y : starts[1]) {
      for (const std::int64_t x : starts[2]) places.push_back({z, y, x});
    }
  }
  return places;
}

void SlidingPlan::extract(std::span<const float> volume, const Window& window, float fill,
                          std::span<float> out) const {
  const Grid size = this->window();
  const std::int64_t first = window.start[2] - axes_[2].padding;
  const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, size[2]);
  const std::int64_t end = std::clamp<std::int64_t>(volume_[2] - first, begin, size[2]);
  float* row = out.data();
  for (std::int64_t z = 0; z < size[0]; ++z) {
    for (std::int64_t y = 0; y < size[1]; ++y, row += size[2]) {
      const std::int64_t from_z = window.start[0] - axes_[0].padding + z;
      const std::int64_t from_y = window.start[1] - axes_[1].padding + y;
      std::fill(row, row + size[2], fill);
      if (from_z < 0 || from_z >= volume_[0] || from_y < 0 || from_y >= volume_[1]) continue;
      const float* from = volume.data() + (from_z * volume_[1] + from_y) * volume_[2] + first;
      std::copy(from + begin, from + end, row + begin);
    }
  }
}

}  // namespace thorax::prepare
