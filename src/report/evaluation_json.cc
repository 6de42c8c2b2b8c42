#include <cmath>

#include "report/evaluation_report.h"
#include "report/json_text.h"

namespace thorax::report {
namespace {

using evaluate::ClassMetrics;
using evaluate::Estimate;
using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json estimate(const Estimate& value) {
  return {{"value", number(value.value)}, {"low", number(value.low)}, {"high", number(value.high)}};
}

Json row(const ClassMetrics& metrics) {
  Json out{{"name", metrics.name}, {"cases", metrics.cases}};
  evaluate::for_each_number(
      [&](const char* id, Estimate ClassMetrics::*member) { out[id] = estimate(metrics.*member); });
  return out;
}

Json metrics_json(const evaluate::Metrics& metrics) {
  Json classes = Json::array();
  for (const ClassMetrics& of_class : metrics.classes) classes.push_back(row(of_class));
  return {{"cases", metrics.cases},
          {"patients", metrics.patients},
          {"accuracy", estimate(metrics.accuracy)},
          {"brier", estimate(metrics.brier)},
          {"calibration_error", estimate(metrics.calibration_error)},
          {"classes", classes},
          {"macro", row(metrics.macro)},
          {"micro", row(metrics.micro)}};
}

Json curves_json(const evaluate::Evaluation& evaluation) {
  Json out = Json::object();
  for (std::size_t k = 0; k < evaluation.curves.size(); ++k) {
    Json points = Json::array(), bins = Json::array();
    for (const auto& point : evaluation.curves[k].points)
      points.push_back({number(point.threshold), point.true_positives, point.false_positives});
    for (const auto& bin : evaluation.curves[k].reliability)
      bins.push_back({bin.low, bin.high, bin.weight, number(bin.stated), number(bin.observed)});
    out[evaluation.classes[k]] = {{"threshold_true_positives_false_positives", points},
                                  {"low_high_cases_stated_observed", bins}};
  }
  return out;
}

Json fitted_json(const evaluate::Evaluation& evaluation) {
  if (!evaluation.fitted) return nullptr;
  Json rates = Json::array();
  for (const evaluate::MissRate& rate : evaluation.miss_rates) {
    Json of_class = Json::object();
    for (std::size_t k = 0; k < evaluation.classes.size(); ++k)
      of_class[evaluation.classes[k]] = number(rate.coverage.of_class[k]);
    rates.push_back({{"promised", rate.promised},
                     {"covered", rate.coverage.covered},
                     {"covered_of_class", of_class},
                     {"one_class", rate.coverage.single},
                     {"no_class", rate.coverage.empty},
                     {"mean_size", rate.coverage.mean_size}});
  }
  return {{"cases", evaluation.fitted->cases},
          {"temperature", evaluation.fitted->temperature},
          {"threshold",
           evaluation.fitted->threshold ? Json(*evaluation.fitted->threshold) : Json(nullptr)},
          {"miss_rates", rates}};
}

}  // namespace

std::string evaluation_json(const evaluate::Evaluation& evaluation, const EvaluationTitle& title) {
  Json slices = Json::array();
  for (const evaluate::Slice& slice : evaluation.slices) {
    Json one{{"column", slice.column}, {"value", slice.value}};
    one.update(metrics_json(slice.metrics));
    slices.push_back(one);
  }
  Json document{{"schema_version", "1.0"},
                {"source", title.source},
                {"rows", title.rows},
                {"classes", evaluation.classes},
                {"exclusive", evaluation.exclusive},
                {"metrics", metrics_json(evaluation.metrics)},
                {"confusion", evaluation.exclusive ? Json(evaluation.confusion) : Json(nullptr)},
                {"fitted", fitted_json(evaluation)},
                {"slices", slices},
                {"curves", curves_json(evaluation)}};
  return json_text(document) + '\n';
}

}  // namespace thorax::report
