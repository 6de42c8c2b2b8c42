// How far a number could have come out otherwise: the bootstrap over patients.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace thorax::evaluate {

struct BootstrapOptions {
  int resamples = 1000;  ///< 0: no intervals
  std::uint64_t seed = 42;
  double level = 0.95;
};

/// A number with the interval it could have come out in.
struct Estimate {
  double value = 0;
  double low = 0, high = 0;  ///< not numbers where no interval was asked for or could be found
};

/// The q-quantile of the finite values among these, linear between neighbours; not a number when
/// there is none.
double quantile(std::vector<double> values, double q);

/// Percentile bootstrap (Efron & Tibshirani, 1993). Patients are drawn with replacement, as many as
/// there are, with all of their cases, so that several pictures of one patient do not feign
/// certainty. `patients`: one a case, or empty when each case is a patient. `numbers(weights)`
/// gives the numbers for cases that count `weights[i]` times (empty: once); it has to be safe to
/// call from several threads. The same seed gives the same intervals on every machine.
std::vector<Estimate> bootstrap(
    std::size_t cases, const std::vector<std::string>& patients, const BootstrapOptions& options,
    const std::function<std::vector<double>(std::span<const double> weights)>& numbers);

}  // namespace thorax::evaluate
