// What a network answered to the inputs that were kept for validation.
#pragma once

#include "evaluate/metrics.h"
#include "learn/trainer.h"

namespace thorax::learn {

class Answers {
 public:
  explicit Answers(std::vector<std::string> classes) { cases_.classes = std::move(classes); }

  /// `logits`: [inputs of the batch, classes].
  void add(const Batch& batch, const std::vector<float>& logits);
  std::size_t count() const { return cases_.count(); }
  /// Fills accuracy, F1 and AUROC.
  void judge(EpochRow& row) const;

 private:
  evaluate::Cases cases_;
};

}  // namespace thorax::learn
