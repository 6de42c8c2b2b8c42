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
