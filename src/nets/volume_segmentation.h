// Labels a volume of any size with a SwinUNETR, window by window.
#pragma once

#include <functional>

#include "nets/sliding_window.h"
#include "nets/swin_unetr.h"

namespace thorax::nets {

enum class BlendedValue {
  logits,         ///< as MONAI's sliding_window_inference
  probabilities,  ///< softmax of each window first
};

struct SegmentationSteps {
  /// The network's input for a window: [1, in_channels, window].
  std::function<Tensor(const Window&)> input;
  /// Optional: [1, 24 f] of every window (encoder_embedding). Windows come in an order that saves
  /// memory, not in that of the plan.
  std::function<void(const Window&, const Tensor&)> embedding;
  /// Scores [classes, d, h, w] of a finished part of the volume that begins at `first`; each voxel
  /// comes once.
  std::function<void(const Grid& first, const Tensor& scores)> scores;
};

/// Runs the windows of a plan and hands the blended scores on as parts of the volume are finished.
/// Blended logits cost the same memory for any number of classes: the last layer is linear, so its
/// inputs can be blended in place of its outputs.
void segment(SwinUnetr network, const SlidingPlan& plan, BlendedValue value,
             const SegmentationSteps& steps);

/// What segment() holds at most beside the network's own working memory, in bytes.
std::size_t segmentation_bytes(const SwinUnetrOptions& network, const SlidingPlan& plan,
                               BlendedValue value);

/// The class with the highest score of each voxel, [D, H, W], int16. `steps.scores` is not used.
Tensor segment_labels(SwinUnetr network, const SlidingPlan& plan, BlendedValue value,
                      SegmentationSteps steps);

}  // namespace thorax::nets
