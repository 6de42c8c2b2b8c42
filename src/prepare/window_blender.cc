#include "prepare/window_blender.h"

#include <algorithm>

#include "base/error.h"
#include "base/parallel.h"

namespace thorax::prepare {
namespace {

struct Carried {
  std::int64_t slab, bar, block;  // elements of one channel
};

Grid overlaps(const SlidingPlan& plan) {
  Grid overlap{};
  for (std::size_t a = 0; a < 3; ++a) {
    const WindowAxis& axis = plan.axes()[a];
    for (std::size_t i = 1; i < axis.starts.size(); ++i) {
      overlap[a] = std::max(overlap[a], axis.starts[i - 1] + axis.window - axis.starts[i]);
    }
  }
  return overlap;
}

Carried carried(const SlidingPlan& plan) {
  const Grid overlap = overlaps(plan), window = plan.window();
  const auto& axes = plan.axes();
  return {.slab = overlap[0] * axes[1].size * axes[2].size,
          .bar = window[0] * overlap[1] * axes[2].size,
          .block = window[0] * window[1] * overlap[2]};
}

}  // namespace

// All in the window's own coordinates: below `met` an axis was covered by the window before it,
// below `done` no window after it comes.
struct WindowBlender::Step {
  Grid start, size, met{}, done{};

  Step(const SlidingPlan& plan, const Window& window) : start(window.start), size(plan.window()) {
    for (std::size_t a = 0; a < 3; ++a) {
      const WindowAxis& axis = plan.axes()[a];
      const auto i = static_cast<std::size_t>(window.place[a]);
      met[a] = i == 0 ? 0 : std::max<std::int64_t>(0, axis.starts[i - 1] + size[a] - start[a]);
      done[a] =
          i + 1 < axis.starts.size() ? std::min(size[a], axis.starts[i + 1] - start[a]) : size[a];
    }
  }
};

WindowBlender::WindowBlender(const SlidingPlan& plan, std::int64_t channels, Sink sink)
    : plan_(plan), channels_(channels), sink_(std::move(sink)), overlap_(overlaps(plan)) {
  const Carried sizes = carried(plan);
  const auto all = static_cast<std::size_t>(channels + 1);
  slab_.resize(all * static_cast<std::size_t>(sizes.slab));
  bar_.resize(all * static_cast<std::size_t>(sizes.bar));
  block_.resize(all * static_cast<std::size_t>(sizes.block));
  weights_.resize(plan.importance().size());
}

std::size_t WindowBlender::bytes(const SlidingPlan& plan, std::int64_t channels) {
  const Carried sizes = carried(plan);
  const std::int64_t window = count_of(plan.window());
  const std::int64_t sums = (channels + 1) * (sizes.slab + sizes.bar + sizes.block);
  return sizeof(float) * static_cast<std::size_t>(sums + window + channels * window);
}

// A sum lives in one place: in the block while the next window on the third axis will add to it,
// else in the bar while the next row of windows will, else in the slab while the next layer will.
void WindowBlender::merge(std::int64_t channel, float* values, const Step& step) {
  const auto& axes = plan_.axes();
  float* const slab = slab_.data() + channel * overlap_[0] * axes[1].size * axes[2].size;
  float* const bar = bar_.data() + channel * step.size[0] * overlap_[1] * axes[2].size;
  float* const block = block_.data() + channel * step.size[0] * step.size[1] * overlap_[2];
  const auto add = [](float* to, const float* from, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) to[i] += from[i];
  };
  for (std::int64_t z = 0; z < step.size[0]; ++z) {
    for (std::int64_t y = 0; y < step.size[1]; ++y) {
      float* const row = values + (z * step.size[1] + y) * step.size[2];
      const auto in_slab = [&](std::int64_t plane) {
        return slab + (plane * axes[1].size + step.start[1] + y) * axes[2].size + step.start[2];
      };
      const auto in_bar = [&](std::int64_t line) {
        return bar + (z * overlap_[1] + line) * axes[2].size + step.start[2];
      };
      float* const in_block = block + (z * step.size[1] + y) * overlap_[2];
      const std::int64_t met = step.met[2], done = step.done[2];
      add(row, in_block, met);
      if (y < step.met[1]) {
        add(row + met, in_bar(y) + met, step.size[2] - met);
      } else if (z < step.met[0]) {
        add(row + met, in_slab(z) + met, step.size[2] - met);
      }
      std::copy(row + done, row + step.size[2], in_block);
      if (y >= step.done[1]) {
        std::copy(row, row + done, in_bar(y - step.done[1]));
      } else if (z >= step.done[0]) {
        std::copy(row, row + done, in_slab(z - step.done[0]));
      }
    }
  }
}

void WindowBlender::emit(std::span<const float> prediction, const Step& step) {
  // The part of the finished box that lies inside the volume.
  Grid first, begin, size;
  for (std::size_t a = 0; a < 3; ++a) {
    const std::int64_t at = step.start[a] - plan_.axes()[a].padding;
    begin[a] = std::clamp<std::int64_t>(-at, 0, step.done[a]);
    size[a] = std::clamp<std::int64_t>(plan_.volume()[a] - at, begin[a], step.done[a]) - begin[a];
    first[a] = at + begin[a];
  }
  const std::int64_t count = count_of(size), window = count_of(step.size);
  if (count == 0) return;
  box_.resize(static_cast<std::size_t>(channels_ * count));
  parallel_for(static_cast<std::size_t>(channels_), 1, [&](std::size_t from, std::size_t to) {
    for (auto c = static_cast<std::int64_t>(from); c < static_cast<std::int64_t>(to); ++c) {
      float* out = box_.data() + c * count;
      for (std::int64_t z = 0; z < size[0]; ++z) {
        for (std::int64_t y = 0; y < size[1]; ++y) {
          const std::int64_t place =
              ((begin[0] + z) * step.size[1] + begin[1] + y) * step.size[2] + begin[2];
          const float* sum = prediction.data() + c * window + place;
          const float* weight = weights_.data() + place;
          for (std::int64_t x = 0; x < size[2]; ++x) *out++ = sum[x] / weight[x];
        }
      }
    }
  });
  sink_({.first = first, .size = size, .values = box_});
}

void WindowBlender::add(std::span<float> prediction) {
  const auto window = static_cast<std::size_t>(count_of(plan_.window()));
  if (next_ >= plan_.windows().size() ||
      prediction.size() != window * static_cast<std::size_t>(channels_)) {
    throw Error("internal"_code, {{"detail", "a prediction that the plan does not have"}});
  }
  const Window& place = plan_.windows()[next_++];
  const Step step(plan_, place);
  const float visits = plan_.visits(place);
  const std::span<const float> importance = plan_.importance();
  for (std::size_t i = 0; i < window; ++i) weights_[i] = importance[i] * visits;
  parallel_for(static_cast<std::size_t>(channels_), 1, [&](std::size_t from, std::size_t to) {
    for (std::size_t c = from; c < to; ++c) {
      float* const values = prediction.data() + c * window;
      for (std::size_t i = 0; i < window; ++i) values[i] *= weights_[i];
      merge(static_cast<std::int64_t>(c), values, step);
    }
  });
  merge(channels_, weights_.data(), step);
  emit(prediction, step);
}

}  // namespace thorax::prepare
