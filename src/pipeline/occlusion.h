// Which parts of a picture a network's answer hangs on: parts are hidden one after the other, and
// the answers compared (Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks",
// 2014). Any network on any engine can be asked this way.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "prepare/input.h"

namespace thorax::pipeline {

struct OcclusionOptions {
  int parts = 10;       ///< hidden squares along a side, spread evenly from edge to edge
  double share = 0.21;  ///< side of a square as a share of the picture's
  /// What a hidden square shows, one after the other: the level below which that share of the
  /// picture is. Dark looks like air and bright like what fills it, so that either alone is a
  /// finding of its own; their mean is nearer to what is missed when nothing is seen.
  std::vector<double> levels = {0.1, 0.9};
  std::size_t batch = 8;

  /// How often a network is asked for one map.
  std::size_t questions() const {
    return levels.size() * static_cast<std::size_t>(parts) * static_cast<std::size_t>(parts);
  }
};

/// For a network of so many parameters: large ones are asked fewer questions, so that a heat map
/// stays a matter of seconds.
OcclusionOptions occlusion_of(std::uint64_t parameters);

/// How much lower an answer is when the network cannot see the place.
struct OcclusionMap {
  int height = 0, width = 0;  ///< pixels of the network's input
  std::vector<double> drop;   ///< rows from the top; mean over the squares that hid the pixel,
                              ///< those around it counting most

  double at(int y, int x) const {
    return drop[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                static_cast<std::size_t>(x)];
  }
};

/// The answer to each of some inputs.
using Answers = std::function<std::vector<double>(const std::vector<prepare::NetworkInput>&)>;

/// Of each channel of [1, C, H, W] the level below which that share of its pixels is.
std::vector<float> levels_at(const prepare::NetworkInput& input, double share);

/// A copy of [1, C, H, W] in which the rectangle shows one level a channel.
prepare::NetworkInput hide(const prepare::NetworkInput& input, int top, int left, int height,
                           int width, const std::vector<float>& levels);

/// `input`: [1, C, H, W]; `whole` is the answer to it.
OcclusionMap occlusion_map(const prepare::NetworkInput& input, double whole, const Answers& answers,
                           const OcclusionOptions& options = {});

}  // namespace thorax::pipeline
