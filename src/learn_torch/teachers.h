// Trained models whose answers a network learns besides the labels.
#pragma once

#include "learn/trainer.h"
#include "nets/network.h"

namespace thorax::learn {

class Teachers {
 public:
  /// Loads the model folders of training.teachers in the precision of the run; none is no error.
  /// Throws Error: what weights::load_manifest and nets::load_weights throw, and
  /// bad_training_data for a model of other classes, bad_option for a loss without classes that
  /// exclude one another.
  explicit Teachers(const TrainRequest& request);

  /// Means over the teachers of softmax(logits / softness), [B, classes], fp32, without gradient;
  /// undefined without teachers. Pictures are resized to what each teacher reads. May be asked by
  /// several threads at once.
  at::Tensor answers(const at::Tensor& inputs) const;

 private:
  const TrainingOptions options_;
  std::vector<nets::Network> networks_;
};

}  // namespace thorax::learn
