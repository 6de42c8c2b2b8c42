// What a network answered to the inputs that were kept for validation.
#pragma once

#include "evaluate/metrics.h"
#include "learn/trainer.h"

namespace thorax::learn {

/// Voxels, or pairs: of both, as the network says, in truth.
struct ClassCounts {
  double both = 0, said = 0, truly = 0;
};

class Answers {
 public:
  explicit Answers(std::vector<std::string> classes) { cases_.classes = std::move(classes); }

  /// `logits`: [inputs of the batch, classes].
  void add(const Batch& batch, const std::vector<float>& logits);
  /// One a class, the first the background.
  void add(const std::vector<ClassCounts>& counts, std::int64_t inputs);
  std::size_t count() const { return counted_ + cases_.count(); }
  /// Fills accuracy, F1 and AUROC. Of counts F1 is the mean over the classes that occur, without
  /// the background, of 2 both / (said + truly): the Dice coefficient of outlines.
  void judge(EpochRow& row) const;

 private:
  evaluate::Cases cases_;
  std::vector<ClassCounts> counts_;
  std::size_t counted_ = 0;
};

}  // namespace thorax::learn
