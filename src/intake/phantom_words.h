// Findings of the phantom as words on a command line.
#pragma once

#include <string_view>
#include <vector>

#include "intake/phantom.h"

namespace thorax::intake {

/// Words between commas, in any order: a diameter in mm ("10" or "10mm"), a kind (solid,
/// part-solid, ground-glass, calcified), left or right, upper, middle or lower, a place (free,
/// wall, vessel), or at=X/Y/Z in mm (LPS). All throw Error("bad_option"_code) naming `option`.
PhantomNodule parse_phantom_nodule(std::string_view option, std::string_view words);

/// A volume in ml ("150" or "150ml"), left or right, upper, middle or lower.
PhantomRegion parse_phantom_region(std::string_view option, std::string_view words);

/// Slices to leave out of `slices`: numbers and ranges counted from 0 at the feet ("3,10-12"), or a
/// share ("5%") of inner slices chosen by the seed. In rising order, each once.
std::vector<int> parse_phantom_missing(std::string_view words, int slices, std::uint64_t seed);

}  // namespace thorax::intake
