// Embeddings of studies with their labels, and batches of them.
#pragma once

#include "learn/batches.h"

namespace thorax::learn {

struct EmbeddingSet {
  std::vector<std::string> ids, patients;  ///< one a row
  std::size_t width = 0;
  std::vector<float> values;  ///< [ids, width]
  std::vector<std::string> classes;
  bool exclusive = true;            ///< a row is of one class; else each class is a question
  std::vector<std::uint8_t> truth;  ///< [ids, classes]
  std::vector<double> shown;        ///< how often each row is shown, in proportion

  std::size_t count() const { return ids.size(); }
  std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * width, width);
  }
  bool holds(std::size_t i, std::size_t k) const { return truth[i * classes.size() + k] != 0; }
  /// The class of a row where they are exclusive, else whether any class holds.
  int label(std::size_t i) const;
  std::vector<int> labels() const;
};

/// sha256 over values, truth, ids, patients and classes.
std::string hash_of(const EmbeddingSet& set);

/// Weights of a random sampler: 1 / (how many rows have that label), times `shown`.
std::vector<double> sampler_weights(const std::vector<int>& labels,
                                    const std::vector<double>& shown);

/// Positives against negatives among the rows of the training split: negatives / positives of each
/// class. A class without positives has weight 1.
std::vector<double> balanced_weights(const EmbeddingSet& set, const std::vector<Split>& splits);

/// Batches [B, width]. With `balance` and exclusive classes an epoch draws (rows of the largest
/// class) x (classes) times with replacement, by sampler_weights; else it goes through the rows in
/// an order drawn anew.
class EmbeddingBatches final : public Batches {
 public:
  /// The set has to outlive this. Throws Error("bad_training_data"_code) when the training or the
  /// validation split lacks a class.
  EmbeddingBatches(const EmbeddingSet& set, const std::vector<Split>& splits,
                   const Options& options);

  std::int64_t steps_per_epoch() const override;
  Batch training(std::int64_t epoch, std::int64_t step) const override;
  std::int64_t validation_steps() const override;
  Batch validation(std::int64_t step) const override;

  /// Rows that an epoch goes through.
  std::vector<std::size_t> order(std::int64_t epoch) const;

 private:
  Batch batch(std::span<const std::size_t> places) const;

  const EmbeddingSet& set_;
  const Options options_;
  std::vector<std::size_t> train_, validation_;
  std::vector<double> reach_;  ///< sums of the weights up to each row of train_; empty: no sampler
  std::size_t epoch_length_ = 0;
};

}  // namespace thorax::learn
