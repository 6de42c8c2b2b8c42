// Which point to try next.
#pragma once

#include <memory>

#include "tune/space.h"

namespace thorax::tune {

/// dlib's global search: upper bounds of a Lipschitz function (Malherbe and Vayatis, "Global
/// optimization of Lipschitz functions", ICML 2017) in turn with trust-region steps on a quadratic
/// model (Powell's), which needs no gradient and no settings. The same seed and scores give the
/// same points.
class Searcher {
 public:
  Searcher(const std::vector<Dimension>& space, std::uint64_t seed);
  ~Searcher();
  Searcher(const Searcher&) = delete;
  Searcher& operator=(const Searcher&) = delete;

  Point next();
  /// The score of the point that next() gave last; higher is better.
  void tell(double score);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thorax::tune
