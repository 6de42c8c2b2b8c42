// Crops of CT volumes with outlines, changed as the facts of SwinUNETR's training have it.
#pragma once

#include "learn/random.h"
#include "learn/volume_set.h"
#include "prepare/window_grid.h"

namespace thorax::learn {

// Tensors of a case, voxels along right, front, head.
inline constexpr const char* kOutlined = "around.outlined";  ///< i64: places crops are drawn around
inline constexpr const char* kOther = "around.other";        ///< i64
inline constexpr const char* kValues = "brightness";         ///< fp32 [X, Y, Z], 0 … 1
inline constexpr const char* kWhole = "glance";              ///< fp32: all of it in a crop's size
inline constexpr const char* kClasses = "labels";            ///< u8 [X, Y, Z]

/// Up to 4096 places each, drawn at random: outlined voxels, and others that are not empty (value
/// above 0); row-major. The same volume gives the same places.
void add_places(weights::StateDict& tensors);

/// A crop: its channels one after the other, and the class of each voxel.
struct Crop {
  prepare::Grid size{};
  std::vector<float> values;  ///< [channels, size]
  std::vector<std::uint8_t> classes;
};

/// In this order, each with its probability: mirrored along every axis; turned by quarters in the
/// axial plane (crops of equal sides there); rotated, shifted and zoomed (linear, classes by the
/// nearest voxel, edges repeated); noise; another level; another gamma; holes, each of one random
/// value. All channels alike. MONAI 1.3.2, monai/transforms.
void change_crop(Crop& crop, const CropOptions& options, Random& random);

/// Crops [B, channels, size] with masks, so many of every study: around outlined voxels and around
/// others, moved inside the volume. A second channel is the whole volume in a crop's size.
class CropBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws what CaseOrder throws, and Error(bad_training_data) for a
  /// volume that is smaller than a crop.
  CropBatches(const VolumeSet& set, const std::vector<Split>& splits, const Options& options,
              std::int64_t channels, const prepare::Grid& size);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

 private:
  Batch batch(std::span<const std::size_t> places, std::uint64_t epoch, std::size_t first,
              bool changed) const;
  Crop crop(std::size_t place, Random& random) const;

  const VolumeSet& set_;
  const Options options_;
  const CaseOrder order_;
  const std::int64_t channels_;
  const prepare::Grid size_;
};

}  // namespace thorax::learn
