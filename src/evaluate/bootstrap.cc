#include "evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <stdexcept>

#include "base/parallel.h"

namespace thorax::evaluate {
namespace {

constexpr std::size_t kResamplesAtATime = 8;

/// Number of the patient of each case, in order of first appearance.
std::vector<std::size_t> patient_of_case(std::size_t cases,
                                         const std::vector<std::string>& patients) {
  std::vector<std::size_t> out(cases);
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < cases; ++i)
    out[i] = patients.empty() ? i : known.emplace(patients[i], known.size()).first->second;
  return out;
}

std::vector<double> drawn_weights(const std::vector<std::size_t>& patient_of, std::size_t patients,
                                  std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::vector<double> times(patients, 0);
  // Of 64 bits the remainder favours no patient by more than patients / 2^64.
  for (std::size_t i = 0; i < patients; ++i) times[generator() % patients] += 1;
  std::vector<double> weights(patient_of.size());
  std::ranges::transform(patient_of, weights.begin(), [&](std::size_t p) { return times[p]; });
  return weights;
}

}  // namespace

double quantile(std::vector<double> values, double q) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= values.size()) return values.back();
  const double part = place - static_cast<double>(below);
  return values[below] + part * (values[below + 1] - values[below]);
}

std::vector<Estimate> bootstrap(
    std::size_t cases, const std::vector<std::string>& patients, const BootstrapOptions& options,
    const std::function<std::vector<double>(std::span<const double> weights)>& numbers) {
  if (!patients.empty() && patients.size() != cases)
    throw std::invalid_argument("bootstrap: cases and patients differ in number");
  const std::vector<double> values = numbers({});
  const std::vector<std::size_t> patient_of = patient_of_case(cases, patients);
  const std::size_t count = patient_of.empty() ? 0 : *std::ranges::max_element(patient_of) + 1;
  std::vector<std::vector<double>> drawn(count ? static_cast<std::size_t>(options.resamples) : 0);
  parallel_for(drawn.size(), kResamplesAtATime, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      drawn[i] = numbers(drawn_weights(patient_of, count, options.seed + i));
  });
  std::vector<Estimate> out;
  for (std::size_t n = 0; n < values.size(); ++n) {
    std::vector<double> of_number;
    of_number.reserve(drawn.size());
    for (const std::vector<double>& resample : drawn) of_number.push_back(resample[n]);
    out.push_back({values[n], quantile(of_number, (1 - options.level) / 2),
                   quantile(of_number, (1 + options.level) / 2)});
  }
  return out;
}

}  // namespace thorax::evaluate
