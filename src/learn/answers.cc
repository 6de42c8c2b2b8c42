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

void Answers::add(const std::vector<ClassCounts>& counts, std::int64_t inputs) {
  counts_.resize(counts.size());
  for (std::size_t k = 0; k < counts.size(); ++k) {
    counts_[k].both += counts[k].both;
    counts_[k].said += counts[k].said;
    counts_[k].truly += counts[k].truly;
  }
  counted_ += static_cast<std::size_t>(inputs);
}

void Answers::judge(EpochRow& row) const {
  if (!counts_.empty()) {
    double both = 0, all = 0, dice = 0, classes = 0;
    for (std::size_t k = 0; k < counts_.size(); ++k) {
      both += counts_[k].both;
      all += counts_[k].truly;
      if (k == 0 || counts_[k].said + counts_[k].truly == 0) continue;
      dice += 2 * counts_[k].both / (counts_[k].said + counts_[k].truly);
      ++classes;
    }
    row.validation_accuracy = both / all;
    row.validation_f1 = dice / classes;
    row.validation_auroc = std::nan("");
    return;
  }
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
