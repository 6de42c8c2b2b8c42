// A network that learns: its weights, their moving average, the optimiser's state, and the step
// that changes them all.
#pragma once

#include "learn/schedule.h"
#include "learn/trainer.h"
#include "learn_torch/group.h"
#include "learn_torch/objective.h"
#include "learn_torch/teachers.h"

namespace thorax::learn {

class Learner {
 public:
  /// Builds the network and gives it first values. Throws Error: unknown_network,
  /// bad_network_config, keys_do_not_fit, what Teachers throws.
  /// `group`: processes that learn together, or null; it has to outlive this.
  explicit Learner(const TrainRequest& request, Group* group = nullptr);

  /// One step of AdamW (Loshchilov and Hutter, ICLR 2019) on the batch; returns its loss. Norms,
  /// biases and tokens do not decay. Processes that learn together bring a part of the batch each
  /// and all get its loss.
  double step(const Batch& batch, const Pace& pace);

  /// Of the averaged weights. show_average() has to come first.
  Score score(const Batch& batch) const;
  /// Gives the network that scores the average as it is now.
  void show_average();

  /// Everything that the next step depends on, fp32.
  weights::StateDict state() const;
  /// Throws Error("keys_do_not_fit"_code) when it is another network's.
  void restore(const weights::StateDict& state, const std::string& file);
  /// The averaged weights under the network's keys, copied.
  weights::StateDict averaged() const;
  /// What process 0 knows becomes known to all.
  void share();

 private:
  struct Value {
    std::string key;
    std::vector<at::Tensor> shown;  ///< the networks' own, in their precision
    at::Tensor exact;               ///< fp32 (a counter: int64)
    at::Tensor average;
    at::Tensor first, second;  ///< moments; of parameters only
    bool learns = false, decays = false;
    double share = 1;  ///< of the rate
  };

  void start_from(const TrainRequest& request);
  void start_part(const TrainRequest& request, const weights::StateDict& read);
  double learn(std::size_t part, const Batch& batch, std::int64_t first, std::int64_t count);
  static at::Tensor gradient(Value& value);
  void improve(Value& value, const at::Tensor& gradient, const Pace& pace) const;
  static void add_up(Value& value, std::int64_t parts);
  void settle(Value& value, const at::Tensor& before, std::int64_t parts) const;
  void exchange(std::vector<at::Tensor>& gradients, double& loss, std::int64_t& parts);
  static void show(Value& value);
  void average();

  const TrainingOptions options_;
  Group* const group_;
  const bool fresh_;  ///< begun from nothing
  const Teachers teachers_;
  at::Tensor positive_weight_;           ///< of bce; may be undefined
  std::vector<nets::Network> networks_;  ///< equal; each learns from a part of the batch
  nets::Network averaged_;
  std::vector<Value> values_;
  std::int64_t steps_ = 0;
};

/// Matrices and kernels as fp16, what has one axis (norms, biases) as it is: half the size.
weights::StateDict halved(const weights::StateDict& exact);

}  // namespace thorax::learn
