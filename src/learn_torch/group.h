// Processes that learn together, on one machine or several.
#pragma once

#include <memory>

#include "learn/options.h"
#include "nets/pch.h"

namespace thorax::learn {

/// What the processes tell one another, by libtorch's process group over gloo.
class Group {
 public:
  virtual ~Group() = default;

  virtual bool first() const = 0;
  /// Every tensor becomes the sum over the processes; all have to bring tensors of the same shapes,
  /// in the same order.
  virtual void add_up(std::vector<at::Tensor>& tensors) = 0;
  /// Every tensor becomes that of process 0.
  virtual void share(std::vector<at::Tensor>& tensors) = 0;

  /// Waits for the others at training.meeting. Null for one process. Throws Error: bad_option,
  /// no_group.
  static std::unique_ptr<Group> join(const TrainingOptions& training);
};

}  // namespace thorax::learn
