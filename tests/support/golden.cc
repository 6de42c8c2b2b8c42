#include "support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "base/parallel.h"
#include "support/npy.h"

namespace thorax::golden {
namespace {

// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
std::uint64_t seed_of(const std::string& key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A multiple of 2^-23 in [-1, 1).
double unit(std::uint64_t seed, std::uint64_t index) {
  return static_cast<double>(splitmix64(seed + index) >> 40) * 0x1p-23 - 1.0;
}

std::int64_t count_of(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

struct Row {
  std::string network, config, tensor;
  double error, bound;
};
std::vector<Row>& rows() {
  static std::vector<Row> table;
  return table;
}

// Largest difference at the stored elements.
template <class T>
double largest_difference(std::span<const T> values, const std::vector<double>& reference,
                          std::size_t stride) {
  double largest = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double difference = std::abs(static_cast<double>(values[i * stride]) - reference[i]);
    // A NaN must not pass for a small difference.
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

template <class T>
double share_different(std::span<const T> values, const std::vector<double>& reference,
                       std::size_t stride) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    different += static_cast<double>(values[i * stride]) != reference[i];
  }
  return static_cast<double>(different) / static_cast<double>(reference.size());
}

// Norm, minimum and maximum see the elements that are not stored.
template <class T>
double largest_summary_difference(std::span<const T> values, const nlohmann::json& facts,
                                  double scale) {
  double squares = 0, low = INFINITY, high = -INFINITY;
  for (const T value : values) {
    const auto v = static_cast<double>(value);
    squares += v * v;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  const double norm = facts.at("l2").get<double>();
  return std::max({std::abs(std::sqrt(squares) - norm) / (norm > 0 ? norm : 1),
                   std::abs(low - facts.at("min").get<double>()) / scale,
                   std::abs(high - facts.at("max").get<double>()) / scale});
}

}  // namespace

FillRule fill_rule(const std::string& key, const Shape& shape) {
  const std::string leaf = key.substr(key.rfind('.') + 1);
  if (leaf == "initted" || leaf == "num_batches_tracked") return {.keep = true};
  if (shape.size() >= 2) {
    const std::int64_t count = count_of(shape);
    if (count == 0) return {.keep = true};
    const std::int64_t fan = shape[0] > 1 ? count / shape[0] : shape.back();
    return {.base = 0, .scale = std::sqrt(3.0 / static_cast<double>(fan))};
  }
  for (const char* name : {"weight", "gamma", "g", "q_scale", "k_scale", "temperature",
                           "logit_scale", "running_var"}) {
    if (leaf == name) return {.base = 1, .scale = 0.125};
  }
  return {.base = 0, .scale = 0.0625};
}

void fill(std::span<float> values, const std::string& key, const FillRule& rule) {
  const std::uint64_t seed = seed_of(key);
  parallel_for(values.size(), std::size_t{1} << 20, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      values[i] = static_cast<float>(rule.base + rule.scale * unit(seed, i));
    }
  });
}

std::vector<float> input(const std::string& key, std::size_t count, double base, double scale) {
  std::vector<float> values(count);
  fill(values, key, {.base = base, .scale = scale});
  return values;
}

std::vector<std::int64_t> integers(const std::string& key, std::size_t count, std::int64_t low,
                                   std::int64_t high) {
  const std::uint64_t seed = seed_of(key);
  std::vector<std::int64_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = low + static_cast<std::int64_t>((splitmix64(seed + i) >> 33) %
                                                static_cast<std::uint64_t>(high - low));
  }
  return values;
}

Golden::Golden(std::string network, std::string config, std::string run)
    : network_(std::move(network)),
      config_(std::move(config)),
      folder_(std::filesystem::path(THORAX_SOURCE_DIR) / "tests/golden" / network_ / config_) {
  std::ifstream stream(folder_ / "golden.json");
  facts_ = nlohmann::json::parse(stream);
  if (!run.empty()) config_ += " " + run;
}

std::vector<Entry> Golden::state_dict() const {
  std::ifstream stream(folder_ / "state_dict.tsv");
  std::vector<Entry> entries;
  for (std::string key, shape, type; stream >> key >> shape >> type;) {
    Entry entry{.key = key, .shape = {}, .type = type};
    std::istringstream sizes(shape == "scalar" ? "" : shape);
    for (std::string size; std::getline(sizes, size, 'x');) entry.shape.push_back(std::stoll(size));
    entries.push_back(entry);
  }
  return entries;
}

std::vector<float> Golden::input(const nlohmann::json& description) {
  double scale = description.value("scale", 1.0);
  if (description.value("value", "").rfind("2*u", 0) == 0) scale = 2;
  return golden::input(description.at("key").get<std::string>(),
                       static_cast<std::size_t>(count_of(description.at("shape").get<Shape>())),
                       description.value("base", 0.0), scale);
}

void Golden::record(const std::string& tensor, double error, double bound) {
  rows().push_back({network_, config_, tensor, error, bound});
  EXPECT_LE(error, bound) << network_ << " " << config_ << " " << tensor;
}

template <class T>
void Golden::check_values(const std::string& tensor, const Shape& shape, std::span<const T> values,
                          double bound) {
  SCOPED_TRACE(network_ + " " + config_ + " " + tensor);
  const nlohmann::json& facts = facts_.at("tensors").at(tensor);
  ASSERT_EQ(shape, facts.at("shape").get<Shape>());
  ASSERT_EQ(static_cast<std::int64_t>(values.size()), count_of(shape));
  const std::string file = facts.value("file64", facts.at("file").get<std::string>());
  const Array reference = read_npy(folder_ / file);
  const auto stride = facts.at("stride").get<std::size_t>();
  ASSERT_FALSE(reference.values.empty());
  ASSERT_LT((reference.values.size() - 1) * stride, values.size());
  if (facts.at("dtype").get<std::string>().rfind("float", 0) != 0) {
    record(tensor, share_different(values, reference.values, stride), bound);
    return;
  }
  const double scale =
      std::max(std::abs(facts.at("min").get<double>()), std::abs(facts.at("max").get<double>()));
  record(tensor,
         std::max(largest_difference(values, reference.values, stride) / scale,
                  largest_summary_difference(values, facts, scale)),
         bound);
}

void Golden::check(const std::string& tensor, const Shape& shape, std::span<const float> values,
                   double bound) {
  check_values(tensor, shape, values, bound);
}
void Golden::check(const std::string& tensor, const Shape& shape, std::span<const double> values,
                   double bound) {
  check_values(tensor, shape, values, bound);
}
void Golden::check(const std::string& tensor, const Shape& shape,
                   std::span<const std::int64_t> values, double bound) {
  check_values(tensor, shape, values, bound);
}

std::string parity_table() {
  std::ostringstream table;
  const auto line = [&](const auto& network, const auto& config, const auto& tensor,
                        const auto& error, const auto& bound) {
    table << std::left << std::setw(30) << network << std::setw(28) << config << std::setw(44)
          << tensor << std::right << std::setw(10) << error << std::setw(10) << bound << '\n';
  };
  line("NETWORK", "CONFIG", "TENSOR", "ERROR", "BOUND");
  table << std::scientific << std::setprecision(1);
  for (const Row& row : rows()) line(row.network, row.config, row.tensor, row.error, row.bound);
  return table.str();
}

}  // namespace thorax::golden
