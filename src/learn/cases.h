// Studies with their labels, and the order in which training goes through them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "learn/options.h"
#include "learn/split.h"

namespace thorax::learn {

struct LabelledCases {
  std::vector<std::string> ids, patients;  ///< one a case
  std::vector<std::string> classes;        ///< may be empty: nothing to tell apart
  bool exclusive = true;            ///< a case is of one class; else each class is a question
  std::vector<std::uint8_t> truth;  ///< [ids, classes]
  std::vector<double> shown;        ///< how often each case is shown, in proportion

  std::size_t count() const { return ids.size(); }
  bool holds(std::size_t i, std::size_t k) const { return truth[i * classes.size() + k] != 0; }
  /// The class of a case where they are exclusive, else whether any class holds.
  int label(std::size_t i) const;
  std::vector<int> labels() const;
};

/// Truth, ids, patients and classes.
void add_to(Sha256& hash, const LabelledCases& set);

/// Weights of a random sampler: 1 / (how many cases have that label), times `shown`.
std::vector<double> sampler_weights(const std::vector<int>& labels,
                                    const std::vector<double>& shown);

/// Positives against negatives among the cases of the training split: negatives / positives of each
/// class. A class without positives has weight 1.
std::vector<double> balanced_weights(const LabelledCases& set, const std::vector<Split>& splits);

/// With `balance` and exclusive classes an epoch draws (cases of the largest class) x (classes)
/// times with replacement, by sampler_weights; else it goes through the cases in an order drawn
/// anew.
class CaseOrder {
 public:
  /// The set has to outlive this. Throws Error(bad_training_data) when the training or the
  /// validation split is empty or lacks a class.
  CaseOrder(const LabelledCases& set, const std::vector<Split>& splits, const Options& options);

  std::size_t length() const { return length_; }
  /// Places in the set that an epoch goes through.
  std::vector<std::size_t> training(std::int64_t epoch) const;
  const std::vector<std::size_t>& validation() const { return validation_; }

 private:
  std::uint64_t seed_;
  std::vector<std::size_t> train_, validation_;
  std::vector<double> reach_;  ///< sums of the weights up to each case of train_; empty: no sampler
  std::size_t length_ = 0;
};

/// Inputs of one step, of all processes together: a batch each, or as many as are accumulated.
std::size_t step_inputs(const TrainingOptions& training);
/// Of `inputs` an epoch; at least 1. Throws Error(bad_option) where a process would have none.
std::int64_t steps_of(std::size_t inputs, const TrainingOptions& training);

/// What one process takes of a step.
struct StepPart {
  std::size_t first = 0, count = 0;  ///< among the inputs of the epoch
  std::size_t whole = 0;             ///< inputs of the step, of all processes together
};
StepPart step_part(std::size_t inputs, std::int64_t step, const TrainingOptions& training);

/// Of `size` from the step's first on, as far as there are any.
std::span<const std::size_t> part_of(const std::vector<std::size_t>& places, std::int64_t step,
                                     int size);

}  // namespace thorax::learn
