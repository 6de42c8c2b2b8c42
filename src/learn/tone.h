// Small changes of what a network on CT is shown.
#pragma once

#include <algorithm>
#include <span>

#include "learn/options.h"
#include "learn/random.h"

namespace thorax::learn {

/// Turns every row of so many values around.
inline void mirror_rows(std::span<float> values, std::size_t row) {
  for (std::size_t first = 0; first < values.size(); first += row)
    std::ranges::reverse(values.subspan(first, row));
}

/// Turns the first axis, the patient's left, of every slice [left, back] around.
inline void mirror_sides(std::span<float> slices, std::size_t left, std::size_t back) {
  for (std::size_t slice = 0; slice < slices.size(); slice += left * back)
    for (std::size_t row = 0; row < left / 2; ++row)
      std::ranges::swap_ranges(slices.subspan(slice + row * back, back),
                               slices.subspan(slice + (left - 1 - row) * back, back));
}

/// With the options' probability value * (1 + c) + b, cut to low … 1; c and b are drawn up to the
/// options' contrast and brightness either way.
inline void change_tone(std::span<float> values, const AugmentOptions& options, float low,
                        Random& random) {
  if (!random.chance(options.probability)) return;
  const auto gain = static_cast<float>(1 + random.uniform(-options.contrast, options.contrast)),
             more = static_cast<float>(random.uniform(-options.brightness, options.brightness));
  for (float& value : values) value = std::clamp(value * gain + more, low, 1.0F);
}

}  // namespace thorax::learn
