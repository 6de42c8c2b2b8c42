#include "learn/answers.h"

#include <cmath>

#include "evaluate/calibration.h"

namespace thorax::learn {

void Answers::add(const Batch& batch, const std::vector<float>& logits) {
  const std::size_t classes = cases_.classes.size();
  cases_.exclusive = !batch.labels.empty();
  const std::vector<float> targets =
      cases_.exclusive ? std::vector<float>() : batch.targets.to_float();
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch.count()); ++i) {
    std::vector<double> row;
    for (std::size_t k = 0; k < classes; ++k) row.push_back(double{logits[i * classes + k]});
    if (cases_.exclusive) row = evaluate::softmax(row);
    for (std::size_t k = 0; k < classes; ++k) {
      cases_.probabilities.push_back(cases_.exclusive ? row[k] : 1 / (1 + std::exp(-row[k])));
      const bool holds = cases_.exclusive ? static_cast<std::size_t>(batch.labels[i]) == k
                                          : targets[i * classes + k] > 0.5F;
      cases_.truth.push_back(holds ? 1 : 0);
    }
  }
}

void Answers::judge(EpochRow& row) const {
  evaluate::BootstrapOptions no_intervals;
  no_intervals.resamples = 0;
  const evaluate::Metrics metrics = evaluate::measure(cases_, {}, no_intervals);
  const evaluate::ClassMetrics& chosen =
      cases_.exclusive && cases_.classes.size() == 2 ? metrics.classes.back() : metrics.macro;
  row.validation_accuracy = metrics.accuracy.value;
  row.validation_f1 = chosen.f1.value;
  row.validation_auroc = chosen.auroc.value;
}

}  // namespace thorax::learn
