#include "pipeline/training_centre.h"

#include "evaluate/calibration.h"

namespace thorax::pipeline {
namespace {

/// Of the last layer, in the picture networks of the registry.
weights::Tensor* classifier_bias(weights::StateDict& weights, std::size_t classes) {
  for (const char* key : {"fc.bias", "classifier.bias", "head.bias"})
    if (const auto found = weights.find(key);
        found != weights.end() &&
        found->second.shape == std::vector{static_cast<std::int64_t>(classes)})
      return &found->second;
  return nullptr;
}

std::vector<double> shift_of(const std::vector<Prediction>& predictions,
                             const learn::PictureSet& set, const std::vector<learn::Split>& splits,
                             bool balanced) {
  const std::size_t classes = set.classes.size();
  std::vector<double> logits;
  std::vector<int> truth;
  for (const Prediction& one : predictions) {
    if (one.shift != 0 || splits[one.picture] != learn::Split::validation) continue;
    logits.insert(logits.end(), one.logits.begin(), one.logits.end());
    truth.push_back(set.labels[one.picture]);
  }
  // The best temperature depends on the shift, and the other way round.
  constexpr int kRounds = 5;
  std::vector<double> shift(classes, 0), shifted = logits;
  for (int round = 0; round < kRounds; ++round) {
    const double temperature = evaluate::fit_temperature(shifted, truth, classes);
    shift = evaluate::fit_shift(logits, truth, classes, temperature, balanced);
    for (std::size_t i = 0; i < logits.size(); ++i) shifted[i] = logits[i] + shift[i % classes];
  }
  return shift;
}

}  // namespace

std::vector<double> centre(learn::TrainResult& result, std::vector<Prediction>& predictions,
                           const learn::PictureSet& set, const std::vector<learn::Split>& splits,
                           bool balanced) {
  weights::Tensor* const bias = classifier_bias(result.kept, set.classes.size());
  if (bias == nullptr) return {};
  std::vector<double> shift = shift_of(predictions, set, splits, balanced);
  std::vector<float> values = bias->to_float();
  for (std::size_t k = 0; k < shift.size(); ++k) values[k] += static_cast<float>(shift[k]);
  *bias = weights::make_tensor(bias->shape, values);
  for (Prediction& one : predictions)
    for (std::size_t k = 0; k < shift.size(); ++k) one.logits[k] += static_cast<float>(shift[k]);
  return shift;
}

}  // namespace thorax::pipeline
