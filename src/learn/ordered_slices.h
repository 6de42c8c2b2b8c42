// Slices of CT in their order along the body, which is all that Body Part Regression learns from.
#pragma once

#include "learn/volume_set.h"

namespace thorax::learn {

// Tensors of a case.
inline constexpr const char* kSliceStep = "distance_mm";  ///< f64 [1]: between the slices kept
inline constexpr const char* kSlices = "slices";          ///< fp32 [n, S, S], up the body

/// Sets of SliceOptions::count slices [B, count, S, S] of a study each, at a distance drawn between
/// the options' nearest and farthest as far as the study reaches, and that distance. An epoch shows
/// SliceOptions::shown sets of every study that it goes through; for training slices are mirrored
/// left to right and changed in tone, a set's alike. Validation draws the same sets every time.
class OrderedSlices final : public Batches {
 public:
  /// The set has to outlive this; every study has as many slices as a set (enough_slices). Throws
  /// what CaseOrder throws.
  OrderedSlices(const VolumeSet& set, const std::vector<Split>& splits, const Options& options);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

 private:
  Batch batch(std::span<const std::size_t> cases, std::span<const std::uint64_t> draws,
              bool changed) const;

  const VolumeSet& set_;
  const Options options_;
  const CaseOrder order_;
};

/// Whether a study's tensors hold a set.
bool enough_slices(const weights::StateDict& tensors, const SliceOptions& options);

}  // namespace thorax::learn
