// Labels a volume of any size with a model that labels windows.
#pragma once

#include <functional>

#include "base/progress.h"
#include "engine/runner.h"
#include "prepare/sliding_window.h"

namespace thorax::engine {

enum class BlendedValue {
  logits,         ///< as MONAI's sliding_window_inference
  probabilities,  ///< softmax of each window first
};

struct SegmentationSteps {
  /// The model's input for a window: [1, channels, window].
  std::function<Tensor(const prepare::Window&)> input;
  /// Optional, of models that have an output "embedding": [1, values] of every window. Windows come
  /// in an order that saves memory, not in that of the plan.
  std::function<void(const prepare::Window&, const Tensor&)> embedding;
  /// Scores [classes, d, h, w] of a finished part of the volume that begins at `first`, not always
  /// contiguous; each voxel comes once.
  std::function<void(const prepare::Grid& first, const Tensor& scores)> scores;
};

/// The window that the model takes: the last three sides of its input. Throws
/// Error("bad_tensors"_code) when it takes no volumes.
prepare::Grid segmentation_window(const Description& model);
/// Classes of its scores, the background included where it has one.
std::int64_t segmentation_classes(const Description& model);

/// Runs the windows of a plan and hands the blended scores on as parts of the volume are finished.
/// A model with the functions "features" and "classify" costs the same memory for any number of
/// classes when logits are blended: its last layer is linear, so that layer's inputs can be blended
/// in place of its outputs. Throws Error: bad_tensors, too_little_memory before the first window,
/// cancelled.
void segment(Runner& runner, const prepare::SlidingPlan& plan, BlendedValue value,
             const SegmentationSteps& steps, const Progress& progress = {});

/// What segment() holds at most beside the model's own working memory, in bytes.
std::size_t segmentation_bytes(const Description& model, const prepare::SlidingPlan& plan,
                               BlendedValue value);

/// The class with the highest score (the first of equals) of [classes, d, h, w], written into a
/// volume of `size` (depth, height, width) at `first`.
void take_best(const Tensor& scores, const prepare::Grid& first, const prepare::Grid& size,
               std::span<std::uint8_t> labels);

}  // namespace thorax::engine
