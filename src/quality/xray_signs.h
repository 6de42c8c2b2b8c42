// What the X-ray gate holds against its limits, sign by sign.
#pragma once

#include <optional>
#include <vector>

#include "base/text.h"
#include "quality/limits.h"
#include "quality/xray_picture.h"

namespace thorax::quality {

/// One sign of a frontal chest with what is asked of it.
struct SignCheck {
  Text name;
  double value = 0;
  std::optional<double> low, high;  ///< what a chest has at least, at most

  bool holds() const { return !(low && value < *low) && !(high && value > *high); }
};

/// All of them, in a fixed order; a picture is a chest when every one holds.
std::vector<SignCheck> check_signs(const ChestSigns& signs, const XrayLimits& limits);

}  // namespace thorax::quality
