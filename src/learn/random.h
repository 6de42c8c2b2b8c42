// Random numbers that depend on nothing but what they are for: a seed and the place where they are
// drawn. So a run that goes on after a kill draws what it would have drawn, whatever the threads.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace thorax::learn {

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Random {
 public:
  /// One sequence for each list of numbers, e.g. {seed, epoch, picture}.
  explicit Random(std::initializer_list<std::uint64_t> place) {
    for (const std::uint64_t number : place) state_ = mix(state_ + number + kGolden);
  }

  std::uint64_t next() { return mix(state_ += kGolden); }
  /// In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }
  /// In [0, count).
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }
  /// Of mean 0 and deviation 1; the sum of four uniform numbers, so never beyond 3.5.
  double bell() {
    const std::uint64_t bits = next();
    double sum = 0;
    for (int part = 0; part < 4; ++part)
      sum += static_cast<double>((bits >> (16 * part)) & 0xFFFF) / 65536.0;
    return (sum - 2) * std::sqrt(3.0);
  }

  /// Fisher and Yates.
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  static constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 0;
};

}  // namespace thorax::learn
