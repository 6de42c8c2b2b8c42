// Goldens: what the original networks gave for weights and inputs that a rule makes from nothing
// but names (tests/golden/README.md). A golden test fills a network by the rule, runs it, and
// checks its tensors here; every check becomes a row of the parity table, so that the table and the
// tests cannot disagree.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace thorax::golden {

using Shape = std::vector<std::int64_t>;

/// value = fp32(base + scale * unit); keep: the value that the constructor gave stays.
struct FillRule {
  double base = 0, scale = 1;
  bool keep = false;
};
/// The rule for a state-dict entry of floating type.
FillRule fill_rule(const std::string& key, const Shape& shape);
/// Fills row-major values by the rule; spread over the threads.
void fill(std::span<float> values, const std::string& key, const FillRule& rule);
/// fp32(base + scale * unit) for an input, whose whole key ("input:ctclip.tiny.video") is given.
std::vector<float> input(const std::string& key, std::size_t count, double base = 0,
                         double scale = 1);
/// Integers in [low, high) by the integer rule.
std::vector<std::int64_t> integers(const std::string& key, std::size_t count, std::int64_t low,
                                   std::int64_t high);

/// The bound for fp32 that every network has to keep, relative to the tensor's absolute maximum.
inline constexpr double kFp32Bound = 1e-4;

struct Entry {
  std::string key;
  Shape shape;
  std::string type;  ///< "float32", "int64"
};

/// One folder of tests/golden.
class Golden {
 public:
  /// `run` is added to the configuration's name in the table ("bf16").
  Golden(std::string network, std::string config, std::string run = {});

  const nlohmann::json& facts() const { return facts_; }
  std::filesystem::path folder() const { return folder_; }
  std::vector<Entry> state_dict() const;
  /// Filled from the input the golden.json describes: {"key", "shape", "value" or "base", "scale"}.
  static std::vector<float> input(const nlohmann::json& description);

  /// Expects that a tensor is the reference's: shape; the stored elements within `bound` of the
  /// float64 reference where there is one (else the fp32 one), relative to the tensor's absolute
  /// maximum; norm, smallest and largest value of the whole tensor within `bound` too. For integer
  /// tensors the error is the share of elements that differ.
  void check(const std::string& tensor, const Shape& shape, std::span<const float> values,
             double bound = kFp32Bound);
  void check(const std::string& tensor, const Shape& shape, std::span<const double> values,
             double bound = kFp32Bound);
  void check(const std::string& tensor, const Shape& shape, std::span<const std::int64_t> values,
             double bound = 0);
  /// A row for a comparison made elsewhere; expects error <= bound.
  void record(const std::string& tensor, double error, double bound);

 private:
  template <class T>
  void check_values(const std::string& tensor, const Shape& shape, std::span<const T> values,
                    double bound);

  std::string network_, config_;
  std::filesystem::path folder_;
  nlohmann::json facts_;
};

/// NETWORK CONFIG TENSOR ERROR BOUND, one line a check that was made in this process.
std::string parity_table();

}  // namespace thorax::golden
