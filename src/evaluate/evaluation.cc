#include "evaluate/evaluation.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace thorax::evaluate {
namespace {

constexpr int kBinsShown = 10;

std::set<std::string> values_of(const AnswerTable& table, const std::string& column) {
  std::set<std::string> values;
  for (const Row& row : table.rows) {
    const auto found = row.find(column);
    if (found == row.end())
      throw Error("bad_option"_code,
                  {{"option", "--by"}, {"value", column}, {"hint", "no column " + column}});
    values.insert(found->second);
  }
  return values;
}

}  // namespace

Fitted fit(const AnswerTable& table, std::size_t positive,
           const std::optional<ThresholdGoal>& goal) {
  const Cases& cases = table.cases;
  const auto fail = [](const std::string& detail) {
    throw Error("bad_option"_code, {{"option", "--fit"}, {"value", "TABLE.csv"}, {"hint", detail}});
  };
  if (table.logits.empty() || !cases.exclusive) fail("no columns logit_CLASS of exclusive classes");
  const std::vector<int> truth = cases.truth_indices();
  for (std::size_t k = 0; k < cases.classes.size(); ++k)
    if (std::ranges::find(truth, static_cast<int>(k)) == truth.end())
      fail("no case of " + cases.classes[k]);
  Fitted fitted;
  fitted.cases = static_cast<std::int64_t>(cases.count());
  fitted.temperature = fit_temperature(table.logits, truth, cases.classes.size());
  AnswerTable calibrated = table;
  calibrated.set_temperature(fitted.temperature);
  fitted.conformal = conformal_scores(calibrated.cases.probabilities, truth, cases.classes.size());
  if (goal)
    fitted.threshold = choose_threshold(
        Ranking(calibrated.cases.scores_of(positive), cases.labels_of(positive)), *goal);
  return fitted;
}

Evaluation evaluate_table(AnswerTable table, const std::optional<Fitted>& fitted,
                          const EvaluationOptions& options) {
  CallRule rule;
  rule.positive = options.positive;
  if (fitted) {
    table.set_temperature(fitted->temperature);
    if (fitted->threshold) rule.thresholds = {*fitted->threshold};
  }
  const Cases& cases = table.cases;
  Evaluation out;
  out.classes = cases.classes;
  out.exclusive = cases.exclusive;
  out.fitted = fitted;
  out.metrics = measure(cases, rule, options.bootstrap);
  if (cases.exclusive) out.confusion = confusion_matrix(cases, call(cases, rule));
  for (std::size_t k = 0; k < cases.classes.size(); ++k) {
    const std::vector<double> scores = cases.scores_of(k);
    const std::vector<std::uint8_t> labels = cases.labels_of(k);
    out.curves.push_back(
        {Ranking(scores, labels).points(), reliability(scores, labels, kBinsShown)});
  }
  for (const std::string& column : options.slices)
    for (const std::string& value : values_of(table, column))
      out.slices.push_back(
          {column, value, measure(table.where(column, value).cases, rule, options.bootstrap)});
  if (fitted && !fitted->conformal.empty())
    for (const double rate : options.miss_rates)
      out.miss_rates.push_back({rate, conformal_coverage(cases.probabilities, cases.truth_indices(),
                                                         fitted->conformal, rate)});
  return out;
}

}  // namespace thorax::evaluate
