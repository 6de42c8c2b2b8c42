// Where the windows of a volume lie that is larger than a network's input, and how much each voxel
// of a window counts.
// Reference: MONAI, monai/inferers/utils.py and monai/data/utils.py (1.3.2).
#pragma once

#include <span>
#include <vector>

#include "prepare/window_grid.h"

namespace thorax::prepare {

enum class WindowBlend {
  constant,  ///< every voxel of a window counts the same
  gaussian,  ///< the middle counts more: sigma is 1/8 of the window, at least 1/1000 of the middle
};

struct SlidingOptions {
  Grid window = {96, 96, 96};
  double overlap = 0.25;  ///< of neighbouring windows, in [0, 1)
  WindowBlend blend = WindowBlend::gaussian;
  /// Every axis also has a window for the start that would lie past its end, moved back to the end:
  /// the last place is visited twice, or even an axis that fits in one window. So does the
  /// published extraction code of the segmentation-and-report system; MONAI does not.
  bool repeat_last = false;
};

/// Windows along one axis. Places are counted in the padded volume.
struct WindowAxis {
  std::vector<std::int64_t> starts;  ///< ascending, each once
  std::vector<int> visits;           ///< how often each is visited
  std::int64_t size = 0;             ///< of the padded volume: at least one window
  std::int64_t window = 0;
  std::int64_t padding = 0;  ///< voxels before the volume where it is smaller than the window
};

struct Window {
  Grid place;  ///< which of the starts of each axis
  Grid start;  ///< first voxel in the padded volume
};

class SlidingPlan {
 public:
  /// Throws Error("bad_option"_code) for a window without voxels or an overlap outside [0, 1).
  SlidingPlan(const Grid& volume, const SlidingOptions& options);
  /// The plan of the network's output, where that is smaller or larger than its input by a whole
  /// factor (MONAI, sliding_window_inference: zoom). The weights are those of the input's window,
  /// nearest neighbour.
  SlidingPlan scaled(const Grid& output_window) const;

  /// The same windows over the volume with its axes in another order: axis i of the new plan is
  /// axis order[i] of this one.
  SlidingPlan permuted(const std::array<std::size_t, 3>& order) const;

  const Grid& volume() const { return volume_; }
  const std::array<WindowAxis, 3>& axes() const { return axes_; }
  Grid window() const { return {axes_[0].window, axes_[1].window, axes_[2].window}; }
  /// Every place once, the last axis fastest.
  const std::vector<Window>& windows() const { return windows_; }
  /// The starts in visiting order with repetitions (the same as windows() without repeat_last).
  std::vector<Grid> visits() const;
  /// Weight of each voxel of a window, depth, height, width order.
  std::span<const float> importance() const { return importance_; }
  /// How often a window is visited.
  float visits(const Window& window) const;

  /// Copies a window of a volume (depth, height, width; the size the plan was made for); voxels
  /// beyond the volume become `fill`.
  void extract(std::span<const float> volume, const Window& window, float fill,
               std::span<float> out) const;

 private:
  SlidingPlan() = default;
  void list_windows();

  Grid volume_{};
  std::array<WindowAxis, 3> axes_;
  std::vector<Window> windows_;
  std::vector<float> importance_;
};

/// Weights of a window's voxels.
std::vector<float> importance_map(const Grid& window, WindowBlend blend);

}  // namespace thorax::prepare
