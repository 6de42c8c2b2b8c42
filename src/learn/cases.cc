#include "learn/cases.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"
#include "learn/random.h"

namespace thorax::learn {
namespace {

// What random numbers are drawn for.
constexpr std::uint64_t kShuffle = 5, kDraw = 6;

void need_every_class(const LabelledCases& set, const std::vector<std::size_t>& places,
                      const char* split, const std::string& table) {
  const auto refuse = [&](const std::string& detail) {
    throw Error("bad_training_data"_code, {{"path", table}, {"detail", detail}});
  };
  if (places.empty()) refuse(std::string("no patients for ") + split);
  for (std::size_t k = 0; k < set.classes.size(); ++k)
    if (std::ranges::none_of(places, [&](std::size_t place) { return set.holds(place, k); }))
      refuse("too few patients with " + set.classes[k] + " for " + split);
}

}  // namespace

int LabelledCases::label(std::size_t i) const {
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (holds(i, k)) return exclusive ? static_cast<int>(k) : 1;
  return 0;
}

std::vector<int> LabelledCases::labels() const {
  std::vector<int> labels;
  for (std::size_t i = 0; i < count(); ++i) labels.push_back(label(i));
  return labels;
}

void add_to(Sha256& hash, const LabelledCases& set) {
  hash.update(std::as_bytes(std::span(set.truth)));
  for (std::size_t i = 0; i < set.count(); ++i)
    hash.update(set.ids[i] + '\n' + set.patients[i] + '\n');
  for (const std::string& name : set.classes) hash.update(name + '\n');
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

std::vector<double> balanced_weights(const LabelledCases& set, const std::vector<Split>& splits) {
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

CaseOrder::CaseOrder(const LabelledCases& set, const std::vector<Split>& splits,
                     const Options& options)
    : seed_(options.training.seed) {
  for (std::size_t i = 0; i < set.count(); ++i) {
    if (splits[i] == Split::train) train_.push_back(i);
    if (splits[i] == Split::validation) validation_.push_back(i);
  }
  need_every_class(set, train_, "training", options.data.table);
  need_every_class(set, validation_, "validation", options.data.table);
  length_ = train_.size();
  if (!options.data.balance || !set.exclusive || set.classes.empty()) return;
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
  length_ = largest * set.classes.size();
}

std::vector<std::size_t> CaseOrder::training(std::int64_t epoch) const {
  const auto number = static_cast<std::uint64_t>(epoch);
  if (reach_.empty()) {
    std::vector<std::size_t> places = train_;
    Random{seed_, kShuffle, number}.shuffle(places);
    return places;
  }
  Random random{seed_, kDraw, number};
  std::vector<std::size_t> places(length_);
  for (std::size_t& place : places) {
    const auto found = std::ranges::upper_bound(reach_, random.uniform() * reach_.back());
    place = train_[std::min(static_cast<std::size_t>(found - reach_.begin()), train_.size() - 1)];
  }
  return places;
}

std::size_t step_inputs(const TrainingOptions& training) {
  return static_cast<std::size_t>(training.batch) * static_cast<std::size_t>(training.accumulate) *
         static_cast<std::size_t>(training.processes);
}

std::int64_t steps_of(std::size_t inputs, const TrainingOptions& training) {
  if (inputs < static_cast<std::size_t>(training.processes))
    throw Error("bad_option"_code, {{"option", "training.processes"},
                                    {"value", std::to_string(training.processes)},
                                    {"hint", "1 … " + std::to_string(inputs)}});
  return static_cast<std::int64_t>(std::max<std::size_t>(1, inputs / step_inputs(training)));
}

StepPart step_part(std::size_t inputs, std::int64_t step, const TrainingOptions& training) {
  const std::size_t size = step_inputs(training),
                    processes = static_cast<std::size_t>(training.processes),
                    process = static_cast<std::size_t>(training.process),
                    first = static_cast<std::size_t>(step) * size;
  StepPart part;
  part.whole = std::min(size, inputs - first);
  part.first = first + process * part.whole / processes;
  part.count = first + (process + 1) * part.whole / processes - part.first;
  return part;
}

std::span<const std::size_t> part_of(const std::vector<std::size_t>& places, std::int64_t step,
                                     int size) {
  const std::size_t first = static_cast<std::size_t>(step) * static_cast<std::size_t>(size);
  return std::span(places).subspan(first,
                                   std::min(static_cast<std::size_t>(size), places.size() - first));
}

}  // namespace thorax::learn
