// What a trainer learns from: batches by number. The trainer knows nothing of where they come from.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/cases.h"
#include "learn/options.h"
#include "learn/picture_set.h"
#include "learn/shown_picture.h"
#include "learn/split.h"

namespace thorax::learn {

struct Batch {
  weights::Tensor inputs;            ///< fp32 [B, …]
  weights::Tensor views;             ///< as inputs: the same, changed otherwise; no labels then
  std::vector<std::int64_t> labels;  ///< one an input; empty with targets
  std::vector<std::int64_t> others;  ///< labels of what is mixed into the inputs; empty: nothing
  double share = 1;                  ///< of the inputs' own labels beside those
  weights::Tensor targets;  ///< fp32 [B, classes] of 0 and 1, each class a question of its own
  weights::Tensor masks;    ///< u8 [B, D, H, W]: the class of each voxel
  weights::Tensor words, word_mask;  ///< i64 [B, L]: tokens of a text, 1 where there is one
  weights::Tensor text;              ///< i64 [B, T]: tokens to be written, -100 behind an end
  /// fp32 [B]: mm between the slices of an input [slices, H, W], which go up the body.
  weights::Tensor gaps;
  double even = 0;         ///< how much equal rises count beside it
  std::int64_t whole = 0;  ///< inputs of the step, of all processes together; 0: these

  std::int64_t count() const { return inputs.shape.at(0); }
  std::int64_t all() const { return whole > 0 ? whole : count(); }
};

/// How many batches of that size hold so many inputs.
inline std::int64_t batches_of(std::size_t inputs, int size) {
  return (static_cast<std::int64_t>(inputs) + size - 1) / size;
}

/// May be asked by several threads at once. The same numbers give the same batch.
class Batches {
 public:
  virtual ~Batches() = default;
  virtual std::int64_t steps_per_epoch() const = 0;
  virtual Batch training(std::int64_t epoch, std::int64_t step) const = 0;
  virtual std::int64_t validation_steps() const = 0;
  virtual Batch validation(std::int64_t step) const = 0;
};

/// Batches of pictures [B, 1, size, size]: augmented for training, in an order drawn anew for each
/// epoch; as they are for validation. With `balance` an epoch holds every class equally often, the
/// pictures of the rarer ones several times. Within a class its groups (PictureSet::groups, of n
/// pictures) have shares in proportion to n^(1 - data.group_balance). In the first epochs pictures
/// of training may be smaller (training.first_epochs), those of validation are not.
class PictureBatches final : public Batches {
 public:
  /// The set has to outlive this. `frames`: what is shown of each picture; none: the whole. Throws
  /// Error("bad_training_data"_code) when the training or the validation split lacks a class;
  /// bad_option when the first pictures are the larger ones.
  PictureBatches(const PictureSet& set, const std::vector<Split>& splits, const Options& options,
                 std::vector<prepare::Frame> frames = {});

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

  /// Places in the set that an epoch goes through.
  std::vector<std::size_t> order(std::int64_t epoch) const;

 private:
  /// The pictures of a class, by group, and how many of each an epoch shows.
  struct Sampled {
    std::vector<std::vector<std::size_t>> places;
    std::vector<std::size_t> shown;
  };

  Cut draw_cut(int label, std::uint64_t epoch, std::uint64_t which) const;
  Batch batch(std::span<const std::size_t> places, int size, std::uint64_t epoch,
              std::uint64_t first, bool augmented) const;

  const PictureSet& set_;
  const Options options_;
  const std::vector<prepare::Frame> frames_;
  std::vector<Sampled> train_;  ///< by class
  std::vector<std::size_t> validation_;
  std::vector<Cut> cuts_;  ///< by class, the most
  std::size_t epoch_length_ = 0;
};

}  // namespace thorax::learn
