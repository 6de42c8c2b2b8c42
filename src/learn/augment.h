// Pictures as training shows them, changed as another machine, clinic or file format would have;
// and the named changes that a trained network is tried on.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "learn/degrade.h"
#include "learn/options.h"
#include "prepare/radiograph.h"

namespace thorax::learn {

Grey to_grey(std::span<const std::uint8_t> levels, int size);

/// Changes the picture as the options allow; what exactly is drawn from `random` alone.
void augment(Grey& picture, const AugmentOptions& options, Random& random);

/// Its chest, standardised, as prepare::prepare_radiograph leaves it, one channel: (level / 255 -
/// 0.5) / 0.5.
void finish(const Grey& picture, const prepare::RadiographOptions& options, std::span<float> out);

/// A change of which a good network takes no notice.
struct Shift {
  std::string_view name;
  void (*apply)(Grey& picture, Random& random);
};

/// "none" first.
std::span<const Shift> shifts();

}  // namespace thorax::learn
