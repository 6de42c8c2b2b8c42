#include <algorithm>

#include "learn/embeddings.h"
#include "learn/random.h"
#include "learn/tone.h"
#include "learn/volume_set.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kBlockChange = 13;

/// Rows of one length: the longest of these texts, padded with 0.
void add_words(Batch& batch, const VolumeSet& set, std::span<const std::size_t> places) {
  if (set.words.empty()) return;
  std::size_t length = 0;
  for (const std::size_t place : places) length = std::max(length, set.words[place].size());
  std::vector<std::int64_t> ids, mask;
  for (const std::size_t place : places)
    for (std::size_t i = 0; i < length; ++i) {
      const bool there = i < set.words[place].size();
      ids.push_back(there ? set.words[place][i] : 0);
      mask.push_back(there ? 1 : 0);
    }
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(places.size()),
                                        static_cast<std::int64_t>(length)};
  batch.words = weights::make_index_tensor(shape, ids);
  batch.word_mask = weights::make_index_tensor(shape, mask);
}

}  // namespace

weights::StateDict keep_block(const prepare::NetworkInput& block) {
  return {{kBlock, weights::make_tensor(block.shape, {block.span().begin(), block.span().end()})}};
}

BlockBatches::BlockBatches(const VolumeSet& set, const std::vector<Split>& splits,
                           const Options& options, std::int64_t channels)
    : set_(set), options_(options), order_(set, splits, options), channels_(channels) {}

std::int64_t BlockBatches::steps_per_epoch() const {
  return steps_of(order_.length(), options_.training);
}

Batch BlockBatches::batch(std::span<const std::size_t> places, std::uint64_t epoch,
                          std::size_t first, bool changed) const {
  Batch made;
  std::vector<float> values;
  std::vector<std::int64_t> shape = set_.tensors[places.front()].at(kBlock).shape;
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::vector<float> block = set_.tensors[places[i]].at(kBlock).to_float();
    if (changed) {
      Random random{options_.training.seed, kBlockChange, epoch, first + i};
      if (random.chance(options_.augment.flip))
        mirror_sides(block, static_cast<std::size_t>(shape[2]), static_cast<std::size_t>(shape[3]));
      change_tone(block, options_.augment, -1, random);
    }
    for (std::int64_t channel = 0; channel < channels_; ++channel)
      values.insert(values.end(), block.begin(), block.end());
  }
  shape.insert(shape.begin(), static_cast<std::int64_t>(places.size()));
  shape[1] = channels_;
  made.inputs = weights::make_tensor(shape, values);
  if (!set_.classes.empty()) add_truth(made, set_, places);
  add_words(made, set_, places);
  return made;
}

Batch BlockBatches::training(std::int64_t epoch, std::int64_t step) const {
  const std::vector<std::size_t> places = order_.training(epoch);
  const StepPart part = step_part(places.size(), step, options_.training);
  Batch made = batch(std::span(places).subspan(part.first, part.count),
                     static_cast<std::uint64_t>(epoch), part.first, true);
  made.whole = static_cast<std::int64_t>(part.whole);
  return made;
}

std::int64_t BlockBatches::validation_steps() const {
  return batches_of(order_.validation().size(), options_.training.batch);
}

Batch BlockBatches::validation(std::int64_t step) const {
  return batch(part_of(order_.validation(), step, options_.training.batch), 0, 0, false);
}

}  // namespace thorax::learn
