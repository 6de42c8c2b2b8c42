// Batches for the head that finds and writes: what a frozen network saw of each study, its findings
// and its report.
#pragma once

#include "learn/volume_set.h"

namespace thorax::learn {

inline constexpr const char* kPatches = "patches";  ///< fp32 [patches, width] of a study

/// Inputs [B, patches, width], studies with fewer patches filled up with zeros; targets [B,
/// classes]; text [B, T], the words of each study.
class ReportBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws what CaseOrder throws.
  ReportBatches(const VolumeSet& set, const std::vector<Split>& splits, const Options& options);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

 private:
  Batch batch(std::span<const std::size_t> places) const;

  const VolumeSet& set_;
  const Options options_;
  const CaseOrder order_;
};

}  // namespace thorax::learn
