// Batches for learning without labels: every picture twice, changed in two ways.
#pragma once

#include "learn/batches.h"

namespace thorax::learn {

/// Inputs and views [B, 1, size, size]: the same pictures, each changed anew. An epoch shows the
/// pictures of the training split once, in an order drawn anew, as far as they make whole batches;
/// those of validation are changed too, in each epoch alike.
class ViewBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws Error("bad_training_data"_code) when the training or the
  /// validation split has fewer than two pictures; bad_option when the first pictures are the
  /// larger ones.
  ViewBatches(const PictureSet& set, const std::vector<Split>& splits, const Options& options);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;
  /// Two views of any pictures of the set, as validation has them; `first` is the place of the
  /// first one among those that are asked for in turn.
  Batch kept(std::span<const std::size_t> places, std::size_t first) const;

 private:
  Batch batch(std::span<const std::size_t> places, int size, std::uint64_t purpose,
              std::uint64_t epoch, std::uint64_t first) const;

  const PictureSet& set_;
  const Options options_;
  std::vector<std::size_t> train_, validation_;
};

}  // namespace thorax::learn
