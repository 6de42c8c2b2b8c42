// Averages what a network says about overlapping windows, holding only the part of the volume that
// later windows still touch.
#pragma once

#include <functional>

#include "prepare/sliding_window.h"

namespace thorax::prepare {

/// A part of the volume that no later window touches.
struct BlendedBox {
  Grid first;  ///< in the volume, without padding
  Grid size;
  std::span<const float> values;  ///< [channels, size], the weighted mean of the windows
};

/// Windows come in the order of SlidingPlan::windows(), the first axis outermost. Of a finished
/// window stays what a later one overlaps: a slab for the first axis, a bar for the second, a block
/// for the third. So memory grows with the cross-section of the volume, not with its length: put
/// the longest axis first. Every voxel of the volume is handed to the sink exactly once.
class WindowBlender {
 public:
  using Sink = std::function<void(const BlendedBox&)>;
  /// The plan must outlive the blender.
  WindowBlender(const SlidingPlan& plan, std::int64_t channels, Sink sink);

  /// Takes the prediction of the next window, [channels, window]; its values are overwritten.
  /// Throws Error("internal"_code) when there are more windows than planned or a size is wrong.
  void add(std::span<float> prediction);

  /// What a blender holds at most between and during calls, in bytes, predictions not counted.
  static std::size_t bytes(const SlidingPlan& plan, std::int64_t channels);

 private:
  struct Step;  // one window's place among its neighbours
  void merge(std::int64_t channel, float* values, const Step& step);
  void emit(std::span<const float> prediction, const Step& step);

  const SlidingPlan& plan_;
  std::int64_t channels_;
  Sink sink_;
  std::size_t next_ = 0;
  Grid overlap_;                           // largest overlap of neighbours on each axis
  std::vector<float> slab_, bar_, block_;  // sums, the weights as an extra channel
  std::vector<float> weights_, box_;
};

}  // namespace thorax::prepare
