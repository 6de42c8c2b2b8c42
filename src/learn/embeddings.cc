#include "learn/embeddings.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "learn/random.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kShuffle = 5, kDraw = 6;

void need_every_class(const EmbeddingSet& set, const std::vector<std::size_t>& places,
                      const char* split, const std::string& table) {
  for (std::size_t k = 0; k < set.classes.size(); ++k)
    if (std::ranges::none_of(places, [&](std::size_t place) { return set.holds(place, k); }))
      throw Error("bad_training_data"_code,
                  {{"path", table},
                   {"detail", "too few patients with " + set.classes[k] + " for " + split}});
}

/// Of `size` from the step's first on, as far as there are any.
std::span<const std::size_t> part(const std::vector<std::size_t>& places, std::int64_t step,
                                  std::size_t size) {
  const std::size_t first = static_cast<std::size_t>(step) * size;
  return std::span(places).subspan(first, std::min(size, places.size() - first));
}

}  // namespace

int EmbeddingSet::label(std::size_t i) const {
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (holds(i, k)) return exclusive ? static_cast<int>(k) : 1;
  return 0;
}

std::vector<int> EmbeddingSet::labels() const {
  std::vector<int> labels;
  for (std::size_t i = 0; i < count(); ++i) labels.push_back(label(i));
  return labels;
}

std::string hash_of(const EmbeddingSet& set) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(set.values)));
  hash.update(std::as_bytes(std::span(set.truth)));
  for (std::size_t i = 0; i < set.count(); ++i)
    hash.update(set.ids[i] + '\n' + set.patients[i] + '\n');
  for (const std::string& name : set.classes) hash.update(name + '\n');
  return hash.hex();
}

std::vector<double> sampler_weights(const std::vector<int>& labels,
                                    const std::vector<double>& shown) {
  std::map<int, double> counts;
  for (const int label : labels) ++counts[label];
  std::vector<double> weights;
  for (std::size_t i = 0; i < labels.size(); ++i)
    weights.push_back(shown[i] / counts.at(labels[i]));
  return weights;
}

std::vector<double> balanced_weights(const EmbeddingSet& set, const std::vector<Split>& splits) {
  std::vector<double> weights;
  for (std::size_t k = 0; k < set.classes.size(); ++k) {
    double positive = 0, all = 0;
    for (std::size_t i = 0; i < set.count(); ++i) {
      if (splits[i] != Split::train) continue;
      ++all;
      positive += set.holds(i, k) ? 1 : 0;
    }
    weights.push_back(positive > 0 ? (all - positive) / positive : 1);
  }
  return weights;
}

EmbeddingBatches::EmbeddingBatches(const EmbeddingSet& set, const std::vector<Split>& splits,
                                   const Options& options)
    : set_(set), options_(options) {
  for (std::size_t i = 0; i < set.count(); ++i) {
    if (splits[i] == Split::train) train_.push_back(i);
    if (splits[i] == Split::validation) validation_.push_back(i);
  }
  need_every_class(set, train_, "training", options.data.table);
  need_every_class(set, validation_, "validation", options.data.table);
  epoch_length_ = train_.size();
  if (!options.data.balance || !set.exclusive) return;
  std::vector<int> labels;
  std::vector<double> shown;
  std::map<int, std::size_t> counts;
  for (const std::size_t place : train_) {
    labels.push_back(set.label(place));
    shown.push_back(set.shown[place]);
    ++counts[labels.back()];
  }
  reach_ = sampler_weights(labels, shown);
  std::partial_sum(reach_.begin(), reach_.end(), reach_.begin());
  std::size_t largest = 0;
  for (const auto& [label, count] : counts) largest = std::max(largest, count);
  epoch_length_ = largest * set.classes.size();
}

std::int64_t EmbeddingBatches::steps_per_epoch() const {
  const std::size_t size = step_inputs(options_.training);
  return static_cast<std::int64_t>(std::max<std::size_t>(1, epoch_length_ / size));
}

std::vector<std::size_t> EmbeddingBatches::order(std::int64_t epoch) const {
  const auto number = static_cast<std::uint64_t>(epoch);
  if (reach_.empty()) {
    std::vector<std::size_t> places = train_;
    Random{options_.training.seed, kShuffle, number}.shuffle(places);
    return places;
  }
  Random random{options_.training.seed, kDraw, number};
  std::vector<std::size_t> places(epoch_length_);
  for (std::size_t& place : places) {
    const auto found = std::ranges::upper_bound(reach_, random.uniform() * reach_.back());
    place = train_[std::min(static_cast<std::size_t>(found - reach_.begin()), train_.size() - 1)];
  }
  return places;
}

Batch EmbeddingBatches::batch(std::span<const std::size_t> places) const {
  std::vector<float> values, targets;
  Batch batch;
  for (const std::size_t place : places) {
    const std::span<const float> row = set_.row(place);
    values.insert(values.end(), row.begin(), row.end());
    if (set_.exclusive) batch.labels.push_back(set_.label(place));
    for (std::size_t k = 0; k < set_.classes.size(); ++k)
      targets.push_back(set_.holds(place, k) ? 1 : 0);
  }
  const auto rows = static_cast<std::int64_t>(places.size());
  batch.inputs = weights::make_tensor({rows, static_cast<std::int64_t>(set_.width)}, values);
  if (!set_.exclusive)
    batch.targets =
        weights::make_tensor({rows, static_cast<std::int64_t>(set_.classes.size())}, targets);
  return batch;
}

Batch EmbeddingBatches::training(std::int64_t epoch, std::int64_t step) const {
  return batch(part(order(epoch), step, step_inputs(options_.training)));
}

std::int64_t EmbeddingBatches::validation_steps() const {
  const auto size = static_cast<std::size_t>(options_.training.batch);
  return static_cast<std::int64_t>((validation_.size() + size - 1) / size);
}

Batch EmbeddingBatches::validation(std::int64_t step) const {
  return batch(part(validation_, step, static_cast<std::size_t>(options_.training.batch)));
}

}  // namespace thorax::learn
