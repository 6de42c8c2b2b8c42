#include <cmath>

#include "report/evaluation_report.h"
#include "report/phrases.h"
#include "report/utf8.h"

namespace thorax::report {
namespace {

using evaluate::ClassMetrics;
using evaluate::Estimate;

constexpr std::size_t kName = 24, kNumber = 22;

std::string padded(const std::string& text, std::size_t width) {
  std::size_t letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return text + std::string(letters < width ? width - letters : 1, ' ');
}

std::string line(const std::string& name, const ClassMetrics& metrics, Language language) {
  std::string out = padded(name, kName) + padded(std::to_string(metrics.cases), 8);
  evaluate::for_each_number([&](const char*, Estimate ClassMetrics::*member) {
    out += padded(estimate_text(metrics.*member, language), kNumber);
  });
  out.erase(out.find_last_not_of(' ') + 1);
  return out + '\n';
}

}  // namespace

Text metric_name(const std::string& id) {
  if (id == "precision") return {"precision", "точность"};
  if (id == "sensitivity") return {"sensitivity", "чувствительность"};
  if (id == "specificity") return {"specificity", "специфичность"};
  if (id == "f1") return {"F1", "F1"};
  if (id == "auroc") return {"AUROC", "AUROC"};
  if (id == "auprc") return {"AUPRC", "AUPRC"};
  if (id == "brier") return {"Brier", "Брайер"};
  return {"calibration error", "ошибка калибровки"};
}

std::string estimate_text(const Estimate& estimate, Language language) {
  std::string value = number(estimate.value, 3, language);
  if (!std::isfinite(estimate.value) || !std::isfinite(estimate.low)) return value;
  return value + " (" + number(estimate.low, 3, language) + "–" +
         number(estimate.high, 3, language) + ')';
}

std::string evaluation_lines(const evaluate::Evaluation& e, Language language) {
  const bool ru = language == Language::ru;
  std::string out = padded("", kName) + padded(ru ? "случаев" : "cases", 8);
  evaluate::for_each_number([&](const char* id, Estimate ClassMetrics::*) {
    out += padded(metric_name(id).in(language), kNumber);
  });
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
  for (const ClassMetrics& of_class : e.metrics.classes)
    out += line(of_class.name, of_class, language);
  out += line("macro", e.metrics.macro, language) + line("micro", e.metrics.micro, language);
  const bool two = e.exclusive && e.classes.size() == 2;
  for (const evaluate::Slice& slice : e.slices)
    out += line(slice.column + "=" + slice.value,
                two ? slice.metrics.classes[1] : slice.metrics.macro, language);
  const auto fact = [&](const char* en, const char* russian, const std::string& value) {
    out += std::string(ru ? russian : en) + ": " + value + '\n';
  };
  out += '\n';
  fact("Accuracy", "Доля верных ответов", estimate_text(e.metrics.accuracy, language));
  fact("Expected calibration error", "Ожидаемая ошибка калибровки",
       estimate_text(e.metrics.calibration_error, language));
  if (e.fitted) fact("Temperature", "Температура", number(e.fitted->temperature, 3, language));
  if (e.fitted && e.fitted->threshold)
    fact("Threshold", "Порог", number(*e.fitted->threshold, 4, language));
  for (const evaluate::MissRate& rate : e.miss_rates) {
    std::string shares;
    for (std::size_t k = 0; k < e.classes.size(); ++k)
      shares += (k ? ", " : "") + e.classes[k] + ' ' +
                quantity(100 * (1 - rate.coverage.of_class[k]), 1, "%", language);
    fact(ru ? "Пропущено" : "Missed", "Пропущено",
         (ru ? "обещано не более " : "promised at most ") +
             quantity(100 * rate.promised, 1, "%", language) +
             (ru ? "; измерено: " : "; measured: ") + shares);
  }
  return out;
}

}  // namespace thorax::report
