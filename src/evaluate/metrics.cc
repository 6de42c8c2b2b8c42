#include "evaluate/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "evaluate/calibration.h"
#include "evaluate/ranking.h"

namespace thorax::evaluate {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kNumbers = 8;  // of a class, in the order of for_each_number
constexpr std::size_t kOverall = 3;  // accuracy, Brier score, calibration error
using Row = std::array<double, kNumbers>;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : kUndefined;
}

/// One yes-or-no question: its answers, and what they are held against.
struct Question {
  Question(std::vector<double> s, std::vector<std::uint8_t> l, std::vector<std::uint8_t> c)
      : scores(std::move(s)), labels(std::move(l)), called(std::move(c)), ranking(scores, labels) {}

  Row numbers(std::span<const double> weights) const {
    double tp = 0, fp = 0, tn = 0, fn = 0, squares = 0, total = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double weight = weights.empty() ? 1 : weights[i];
      const double difference = scores[i] - labels[i];
      (called[i] ? (labels[i] ? tp : fp) : (labels[i] ? fn : tn)) += weight;
      squares += weight * difference * difference;
      total += weight;
    }
    return {ratio(tp, tp + fp),     ratio(tp, tp + fn),
            ratio(tn, tn + fp),     ratio(2 * tp, 2 * tp + fp + fn),
            ranking.auroc(weights), ranking.average_precision(weights),
            ratio(squares, total),  calibration_error(reliability(scores, labels, kBins, weights))};
  }

  static constexpr int kBins = 15;
  std::vector<double> scores;
  std::vector<std::uint8_t> labels, called;
  Ranking ranking;
};

std::vector<std::uint8_t> column(const std::vector<std::uint8_t>& matrix, std::size_t classes,
                                 std::size_t k) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = k; i < matrix.size(); i += classes) out.push_back(matrix[i]);
  return out;
}

/// Everything that can be made ready before the resamples.
class Measure {
 public:
  Measure(const Cases& cases, std::vector<std::uint8_t> called)
      : classes_(cases.classes.size()), all_(cases.probabilities, cases.truth, called) {
    for (std::size_t k = 0; k < classes_; ++k)
      questions_.emplace_back(cases.scores_of(k), cases.labels_of(k), column(called, classes_, k));
    for (std::size_t i = 0; i < cases.count(); ++i) {
      const auto begin = static_cast<std::ptrdiff_t>(i * classes_);
      const auto size = static_cast<std::ptrdiff_t>(classes_);
      right_.push_back(std::equal(called.begin() + begin, called.begin() + begin + size,
                                  cases.truth.begin() + begin));
      if (!cases.exclusive) continue;
      const auto row = cases.probabilities.begin() + begin;
      const auto best = std::max_element(row, row + size) - row;
      confidence_.push_back(row[best]);
      confident_.push_back(cases.truth[i * classes_ + static_cast<std::size_t>(best)]);
    }
  }

  /// Overall numbers, then a row for every class, macro and micro.
  std::vector<double> numbers(std::span<const double> weights) const {
    std::vector<double> spread;  // the weights of (case, class) answers
    for (const double weight : weights) spread.insert(spread.end(), classes_, weight);
    const Row micro = all_.numbers(spread);
    double right = 0, total = 0;
    for (std::size_t i = 0; i < right_.size(); ++i) {
      const double weight = weights.empty() ? 1 : weights[i];
      right += right_[i] ? weight : 0;
      total += weight;
    }
    constexpr std::size_t kBrier = 6, kCalibration = 7;
    std::vector<double> out{
        ratio(right, total), micro[kBrier] * static_cast<double>(classes_),
        confidence_.empty()
            ? micro[kCalibration]
            : calibration_error(reliability(confidence_, confident_, Question::kBins, weights))};
    Row sum{}, defined{};
    for (const Question& question : questions_) {
      const Row row = question.numbers(weights);
      out.insert(out.end(), row.begin(), row.end());
      for (std::size_t n = 0; n < kNumbers; ++n) {
        if (std::isnan(row[n])) continue;
        sum[n] += row[n];
        defined[n] += 1;
      }
    }
    for (std::size_t n = 0; n < kNumbers; ++n) out.push_back(ratio(sum[n], defined[n]));
    out.insert(out.end(), micro.begin(), micro.end());
    return out;
  }

 private:
  std::size_t classes_;
  Question all_;
  std::vector<Question> questions_;
  std::vector<std::uint8_t> right_;
  std::vector<double> confidence_;       ///< of the likeliest class
  std::vector<std::uint8_t> confident_;  ///< whether that is the truth
};

void require_valid(const Cases& cases) {
  const std::size_t classes = cases.classes.size();
  if (classes == 0 || cases.truth.empty() || cases.truth.size() % classes != 0 ||
      cases.probabilities.size() != cases.truth.size() ||
      (!cases.patients.empty() && cases.patients.size() != cases.count()))
    throw std::invalid_argument("classes, probabilities, truth and patients differ in number");
  if (!cases.exclusive) return;
  for (std::size_t i = 0; i < cases.truth.size(); i += classes)
    if (std::count(cases.truth.begin() + static_cast<std::ptrdiff_t>(i),
                   cases.truth.begin() + static_cast<std::ptrdiff_t>(i + classes), 1) != 1)
      throw std::invalid_argument("a case is not of exactly one class");
}

ClassMetrics row_of(const std::string& name, std::int64_t cases, const Estimate* numbers) {
  ClassMetrics row;
  row.name = name;
  row.cases = cases;
  for_each_number([&](const char*, Estimate ClassMetrics::*member) { row.*member = *numbers++; });
  return row;
}

}  // namespace

std::vector<double> Cases::scores_of(std::size_t k) const {
  std::vector<double> out;
  for (std::size_t i = k; i < probabilities.size(); i += classes.size())
    out.push_back(probabilities[i]);
  return out;
}

std::vector<std::uint8_t> Cases::labels_of(std::size_t k) const {
  return column(truth, classes.size(), k);
}

std::vector<int> Cases::truth_indices() const {
  std::vector<int> out;
  for (std::size_t i = 0; i < truth.size(); i += classes.size()) {
    const auto row = truth.begin() + static_cast<std::ptrdiff_t>(i);
    out.push_back(static_cast<int>(
        std::find(row, row + static_cast<std::ptrdiff_t>(classes.size()), 1) - row));
  }
  return out;
}

std::vector<std::uint8_t> call(const Cases& cases, const CallRule& rule) {
  const std::size_t classes = cases.classes.size();
  const bool whole = rule.thresholds.size() == (cases.exclusive ? 1 : classes);
  if ((!rule.thresholds.empty() && !whole) ||
      (cases.exclusive && rule.positive >= classes && !rule.thresholds.empty()))
    throw std::invalid_argument("thresholds and classes differ in number");
  std::vector<std::uint8_t> called(cases.probabilities.size(), 0);
  for (std::size_t i = 0; i < called.size(); i += classes) {
    const double* row = cases.probabilities.data() + i;
    if (!cases.exclusive) {
      for (std::size_t k = 0; k < classes; ++k)
        called[i + k] = row[k] > (rule.thresholds.empty() ? 0.5 : rule.thresholds[k]);
      continue;
    }
    auto best = static_cast<std::size_t>(std::max_element(row, row + classes) - row);
    if (!rule.thresholds.empty()) {
      best = rule.positive;
      if (!(row[best] > rule.thresholds[0])) {
        best = rule.positive == 0 && classes > 1 ? 1 : 0;
        for (std::size_t k = 0; k < classes; ++k)
          if (k != rule.positive && row[k] > row[best]) best = k;
      }
    }
    called[i + best] = 1;
  }
  return called;
}

std::vector<std::vector<std::int64_t>> confusion_matrix(const Cases& cases,
                                                        const std::vector<std::uint8_t>& called) {
  const std::size_t classes = cases.classes.size();
  std::vector<std::vector<std::int64_t>> out(classes, std::vector<std::int64_t>(classes, 0));
  for (std::size_t i = 0; i < cases.truth.size(); i += classes)
    for (std::size_t truth = 0; truth < classes; ++truth)
      for (std::size_t k = 0; k < classes; ++k)
        out[truth][k] += cases.truth[i + truth] && called[i + k] ? 1 : 0;
  return out;
}

Metrics measure(const Cases& cases, const CallRule& rule, const BootstrapOptions& options) {
  require_valid(cases);
  const Measure prepared(cases, call(cases, rule));
  const std::vector<Estimate> numbers =
      bootstrap(cases.count(), cases.patients, options,
                [&](std::span<const double> weights) { return prepared.numbers(weights); });
  Metrics out;
  out.cases = static_cast<std::int64_t>(cases.count());
  out.patients = static_cast<std::int64_t>(
      cases.patients.empty()
          ? cases.count()
          : std::set<std::string>(cases.patients.begin(), cases.patients.end()).size());
  out.accuracy = numbers[0];
  out.brier = numbers[1];
  out.calibration_error = numbers[2];
  const Estimate* next = numbers.data() + kOverall;
  std::int64_t answers = 0;
  for (std::size_t k = 0; k < cases.classes.size(); ++k, next += kNumbers) {
    const std::vector<std::uint8_t> labels = cases.labels_of(k);
    const std::int64_t of_class = std::ranges::count(labels, 1);
    answers += of_class;
    out.classes.push_back(row_of(cases.classes[k], of_class, next));
  }
  out.macro = row_of("macro", out.cases, next);
  out.micro = row_of("micro", answers, next + kNumbers);
  return out;
}

}  // namespace thorax::evaluate
