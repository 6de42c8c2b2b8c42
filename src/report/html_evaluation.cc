#include <cmath>

#include "report/evaluation_report.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/phrases.h"
#include "report/svg_plot.h"

namespace thorax::report {
namespace {

using evaluate::ClassMetrics;
using evaluate::Estimate;
using evaluate::Evaluation;

constexpr std::size_t kClassesInAPlot = 4;

std::string cell(const Estimate& estimate) {
  return "<td class=\"num\">" +
         in_both(both([&](Language l) { return estimate_text(estimate, l); })) + "</td>";
}

std::string head(const Text& first) {
  std::string out = "<tr><th scope=\"col\">" + in_both(first) +
                    "</th><th scope=\"col\" class=\"num\">" + in_both("cases", "случаев") + "</th>";
  evaluate::for_each_number([&](const char* id, Estimate ClassMetrics::*) {
    out += "<th scope=\"col\" class=\"num\">" + in_both(metric_name(id)) + "</th>";
  });
  return out + "</tr>";
}

std::string row(const std::string& name, const ClassMetrics& metrics) {
  std::string out = "<tr><th scope=\"row\">" + name + "</th><td class=\"num\">" +
                    std::to_string(metrics.cases) + "</td>";
  evaluate::for_each_number(
      [&](const char*, Estimate ClassMetrics::*member) { out += cell(metrics.*member); });
  return out + "</tr>";
}

std::string fact(const Text& name, const Estimate& estimate) {
  return "<dt>" + in_both(name) + "</dt><dd>" +
         in_both(both([&](Language l) { return estimate_text(estimate, l); })) + "</dd>";
}

std::string summary(const Evaluation& e) {
  const evaluate::Metrics& m = e.metrics;
  std::string rows = head({"Class", "Класс"});
  for (const ClassMetrics& of_class : m.classes) rows += row(escaped(of_class.name), of_class);
  rows += row(in_both("mean over classes (macro)", "среднее по классам (macro)"), m.macro) +
          row(in_both("all answers together (micro)", "все ответы вместе (micro)"), m.micro);
  return "<dl class=\"facts\"><dt>" + in_both("Cases, patients", "Случаев, пациентов") +
         "</dt><dd>" + std::to_string(m.cases) + ", " + std::to_string(m.patients) + "</dd>" +
         fact({"Accuracy", "Точность (accuracy)"}, m.accuracy) +
         fact({"Brier score", "Оценка Брайера"}, m.brier) +
         fact({"Expected calibration error", "Ожидаемая ошибка калибровки"}, m.calibration_error) +
         "</dl><p class=\"muted\">" +
         in_both("In brackets: 95 % intervals, bootstrap over patients.",
                 "В скобках — 95 % интервалы, бутстреп по пациентам.") +
         "</p>" + wide_table(rows);
}

std::string plots(const Evaluation& e) {
  std::vector<PlotLine> roc, precision_recall, reliability;
  std::string legend;
  // Of two exclusive classes the second tells everything.
  const std::size_t first = e.exclusive && e.classes.size() == 2 ? 1 : 0;
  for (std::size_t k = first; k < e.classes.size() && k < first + kClassesInAPlot; ++k) {
    const evaluate::ClassCurves& curves = e.curves[k];
    const double positives = curves.points.back().true_positives;
    const double negatives = curves.points.back().false_positives;
    const int series = static_cast<int>(k - first);
    PlotLine r{{{0, 0}}, series, false}, p{{}, series, false}, c{{}, series, true};
    for (const auto& point : curves.points) {
      if (positives > 0 && negatives > 0)
        r.points.emplace_back(point.false_positives / negatives, point.true_positives / positives);
      if (positives > 0)
        p.points.emplace_back(
            point.true_positives / positives,
            point.true_positives / (point.true_positives + point.false_positives));
    }
    for (const auto& bin : curves.reliability)
      if (bin.weight > 0) c.points.emplace_back(bin.stated, bin.observed);
    roc.push_back(std::move(r));
    precision_recall.push_back(std::move(p));
    reliability.push_back(std::move(c));
    legend += "<span>" + series_sign(series) + escaped(e.classes[k]) + "</span>";
  }
  const auto figure = [](const std::string& title, const std::string& plot) {
    return "<figure><h3>" + title + "</h3>" + plot + "</figure>";
  };
  return "<div class=\"legend\">" + legend + "</div><div class=\"plots\">" +
         figure("ROC", share_plot(in_both("1 − specificity", "1 − специфичность"),
                                  in_both("sensitivity", "чувствительность"), roc, true)) +
         figure(in_both("Precision and recall", "Точность и полнота"),
                share_plot(in_both("sensitivity (recall)", "чувствительность (полнота)"),
                           in_both("precision", "точность (precision)"), precision_recall, false)) +
         figure(in_both("Reliability", "Калибровка"),
                share_plot(in_both("stated probability", "заявленная вероятность"),
                           in_both("observed share", "наблюдаемая доля"), reliability, true)) +
         "</div>";
}

std::string confusion(const Evaluation& e) {
  if (!e.exclusive) return {};
  std::string rows =
      "<tr><th scope=\"col\">" + in_both("true ↓ · called →", "истина ↓ · ответ →") + "</th>";
  for (const std::string& name : e.classes)
    rows += "<th scope=\"col\" class=\"num\">" + escaped(name) + "</th>";
  rows += "</tr>";
  for (std::size_t k = 0; k < e.classes.size(); ++k) {
    rows += "<tr><th scope=\"row\">" + escaped(e.classes[k]) + "</th>";
    for (const std::int64_t count : e.confusion[k])
      rows += "<td class=\"num\">" + std::to_string(count) + "</td>";
    rows += "</tr>";
  }
  return wide_table(rows);
}

std::string fitted(const Evaluation& e) {
  if (!e.fitted) return {};
  const auto share = [](double value) {
    return in_both(both([&](Language l) { return quantity(100 * value, 1, "%", l); }));
  };
  std::string rows = "<tr><th scope=\"col\" class=\"num\">" +
                     in_both("promised miss rate", "обещанная доля пропусков") + "</th>";
  for (const std::string& name : e.classes)
    rows += "<th scope=\"col\" class=\"num\">" + in_both("covered: ", "покрыто: ") + escaped(name) +
            "</th>";
  rows += "<th scope=\"col\" class=\"num\">" + in_both("one class left", "остался один класс") +
          "</th></tr>";
  for (const evaluate::MissRate& rate : e.miss_rates) {
    rows += "<tr><td class=\"num\">" + share(rate.promised) + "</td>";
    for (const double covered : rate.coverage.of_class)
      rows += "<td class=\"num\">" + share(covered) + "</td>";
    rows += "<td class=\"num\">" + share(rate.coverage.single) + "</td></tr>";
  }
  std::string facts =
      "<dt>" + in_both("Fitted on", "Подобрано на") + "</dt><dd>" +
      std::to_string(e.fitted->cases) + in_both(" cases", " случаях") + "</dd><dt>" +
      in_both("Temperature", "Температура") + "</dt><dd>" +
      in_both(both([&](Language l) { return number(e.fitted->temperature, 3, l); })) + "</dd>";
  if (e.fitted->threshold)
    facts += "<dt>" + in_both("Threshold", "Порог") + "</dt><dd>" +
             in_both(both([&](Language l) { return number(*e.fitted->threshold, 4, l); })) +
             "</dd>";
  return "<dl class=\"facts\">" + facts + "</dl>" + wide_table(rows);
}

std::string slices(const Evaluation& e) {
  if (e.slices.empty()) return {};
  const bool two = e.exclusive && e.classes.size() == 2;
  std::string rows = head({"Slice", "Срез"});
  for (const evaluate::Slice& slice : e.slices)
    rows += row(escaped(slice.column + " = " + slice.value),
                two ? slice.metrics.classes[1] : slice.metrics.macro);
  return "<p class=\"muted\">" +
         (two ? in_both("Numbers of ", "Числа для класса ") + escaped(e.classes[1])
              : in_both("Means over classes", "Средние по классам")) +
         "</p>" + wide_table(rows);
}

}  // namespace

std::string evaluation_page(const Evaluation& evaluation, const EvaluationTitle& title,
                            Language language) {
  const std::string what = title.source + (title.rows.empty() ? "" : " · " + title.rows);
  return page_open("Thorax · " + what, "Thorax <span class=\"who\">" + escaped(what) + "</span>",
                   language, {}) +
         "<main>" + panel("metrics", {"Metrics", "Показатели"}, summary(evaluation)) +
         panel("plots", {"Curves", "Кривые"}, plots(evaluation)) +
         panel("confusion", {"Confusion matrix", "Матрица ошибок"}, confusion(evaluation)) +
         panel("calibration",
               {"Calibration and promised miss rates", "Калибровка и обещанные доли пропусков"},
               fitted(evaluation)) +
         panel("slices", {"Slices", "Срезы"}, slices(evaluation)) + "</main>" + page_close();
}

}  // namespace thorax::report
