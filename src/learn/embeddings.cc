#include "learn/embeddings.h"

#include "base/hash.h"

namespace thorax::learn {

std::string hash_of(const EmbeddingSet& set) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(set.values)));
  add_to(hash, set);
  return hash.hex();
}

void add_truth(Batch& batch, const LabelledCases& set, std::span<const std::size_t> places) {
  std::vector<float> targets;
  for (const std::size_t place : places) {
    if (set.exclusive) batch.labels.push_back(set.label(place));
    for (std::size_t k = 0; k < set.classes.size(); ++k)
      targets.push_back(set.holds(place, k) ? 1 : 0);
  }
  if (!set.exclusive)
    batch.targets = weights::make_tensor(
        {static_cast<std::int64_t>(places.size()), static_cast<std::int64_t>(set.classes.size())},
        targets);
}

EmbeddingBatches::EmbeddingBatches(const EmbeddingSet& set, const std::vector<Split>& splits,
                                   const Options& options)
    : set_(set), options_(options), order_(set, splits, options) {}

std::int64_t EmbeddingBatches::steps_per_epoch() const {
  return steps_of(order_.length(), options_.training);
}

Batch EmbeddingBatches::batch(std::span<const std::size_t> places) const {
  std::vector<float> values;
  for (const std::size_t place : places) {
    const std::span<const float> row = set_.row(place);
    values.insert(values.end(), row.begin(), row.end());
  }
  Batch batch;
  batch.inputs = weights::make_tensor(
      {static_cast<std::int64_t>(places.size()), static_cast<std::int64_t>(set_.width)}, values);
  add_truth(batch, set_, places);
  return batch;
}

Batch EmbeddingBatches::training(std::int64_t epoch, std::int64_t step) const {
  const std::vector<std::size_t> places = order(epoch);
  const StepPart part = step_part(places.size(), step, options_.training);
  Batch made = batch(std::span(places).subspan(part.first, part.count));
  made.whole = static_cast<std::int64_t>(part.whole);
  return made;
}

std::int64_t EmbeddingBatches::validation_steps() const {
  return batches_of(order_.validation().size(), options_.training.batch);
}

Batch EmbeddingBatches::validation(std::int64_t step) const {
  return batch(part_of(order_.validation(), step, options_.training.batch));
}

}  // namespace thorax::learn
