// CT studies with their labels, each decoded once and kept in a file that is mapped.
#pragma once

#include "learn/batches.h"
#include "prepare/slabs.h"
#include "volume/volume.h"

namespace thorax::learn {

struct VolumeSet : LabelledCases {
  std::vector<weights::StateDict> tensors;       ///< one a case; which, the recipe knows
  std::vector<std::vector<std::int64_t>> words;  ///< tokens of each case's text, where it has one
};

// Tensors of a case. Their names are in the order of falling sizes of their elements, which is the
// order in a file: so every one of them is aligned.
inline constexpr const char* kAxes = "axes";      ///< f64 [6]: spacing and origin, x, y, z, in mm
inline constexpr const char* kBlock = "block";    ///< fp32 [1, D, H, W], as the network takes it
inline constexpr const char* kHounsfield = "hu";  ///< i16 [z, y, x]

/// What is kept of a CT.
weights::StateDict keep_hounsfield(const volume::CtVolume& hu);
/// The CT of a case over the mapped memory, which it keeps alive.
volume::CtVolume hounsfield_of(const weights::StateDict& tensors);

/// What is kept of a volume that is prepared as a network takes it.
weights::StateDict keep_block(const prepare::NetworkInput& block);

/// How slices become inputs.
struct SlabPlan {
  bool packs = true;  ///< slices side by side (prepare_packs), else averaged (prepare_slabs)
  prepare::SlabOptions slabs;
  int step = 1;    ///< between the slices that validation looks at
  int shown = 12;  ///< slabs of a study an epoch
};

/// Slabs of CT series [B, channels, size, size], values of 0 … 1, with the study's label each. An
/// epoch shows so many slabs of every study that it goes through, around slices drawn anew; for
/// training mirrored (flip) and made brighter and of higher contrast, as AugmentOptions has it.
class SlabBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws what CaseOrder throws.
  SlabBatches(const VolumeSet& set, const std::vector<Split>& splits, const Options& options,
              SlabPlan plan);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

 private:
  Batch batch(std::span<const std::size_t> cases, std::span<const int> slices) const;

  const VolumeSet& set_;
  const Options options_;
  const CaseOrder order_;
  const SlabPlan plan_;
  std::vector<std::size_t> validation_cases_;
  std::vector<int> validation_slices_;
};

/// Slices of a series that slabs are made around.
std::vector<int> slab_slices(int depth, bool packs, int step);

/// Whole volumes [B, channels, D, H, W], values of -1 … 1; every channel is the volume. For
/// training mirrored left to right and changed as slabs are. With texts, the words of each go
/// along.
class BlockBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws what CaseOrder throws.
  BlockBatches(const VolumeSet& set, const std::vector<Split>& splits, const Options& options,
               std::int64_t channels);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;
  /// [places, channels, D, H, W] as they are.
  weights::Tensor inputs(std::span<const std::size_t> places) const {
    return batch(places, 0, 0, false).inputs;
  }

 private:
  Batch batch(std::span<const std::size_t> places, std::uint64_t epoch, std::size_t first,
              bool changed) const;

  const VolumeSet& set_;
  const Options options_;
  const CaseOrder order_;
  const std::int64_t channels_;
};

}  // namespace thorax::learn
