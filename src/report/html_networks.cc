// What learned networks say, beside the measurements.
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

std::string probability(double value) {
  return in_both(both([&](Language l) { return number(value, 2, l); }));
}

std::string said_of_study(const findings::NetworkOpinion& opinion) {
  if (!opinion.probability) return {};
  return "<p>" +
         in_both("Probability of any pathology, as the network says it: ",
                 "Вероятность любой патологии по оценке сети: ") +
         "<strong class=\"num\">" + probability(*opinion.probability) + "</strong>" +
         (opinion.decides
              ? in_both(". The study's verdict is this network's.",
                        ". Заключение по исследованию даёт эта сеть.")
              : in_both(". It does not change the verdict.", ". На заключение не влияет.")) +
         "</p>";
}

std::string finding_rows(const findings::NetworkOpinion& opinion) {
  std::string rows;
  for (const findings::NetworkFinding& finding : opinion.findings)
    rows += "<tr><th scope=\"row\">" + in_both(finding.name) + "</th><td class=\"num\">" +
            probability(finding.probability) + "</td><td class=\"num\">" +
            probability(finding.threshold) + "</td><td>" +
            (finding.positive ? in_both("above", "выше порога") : "") + "</td></tr>";
  return rows;
}

}  // namespace

std::string network_tables(const StudyResult& result) {
  std::string out;
  for (const findings::NetworkOpinion& opinion : result.networks) {
    out += "<h3>" + escaped(opinion.model) + "</h3>" + said_of_study(opinion);
    if (opinion.findings.empty()) continue;
    out += "<div class=\"scroll\"><table><tr><th scope=\"col\">" + in_both("Finding", "Находка") +
           "</th><th scope=\"col\" class=\"num\">" + in_both("Probability", "Вероятность") +
           "</th><th scope=\"col\" class=\"num\">" + in_both("Threshold", "Порог") +
           "</th><th scope=\"col\"></th></tr>" + finding_rows(opinion) + "</table></div>";
  }
  if (out.empty()) return out;
  return "<p class=\"muted\">" +
         in_both("Numbers as the networks give them: not calibrated unless a model's card says so.",
                 "Числа приведены так, как их выдают сети: не калиброваны, если иное не указано в "
                 "карточке модели.") +
         "</p>" + out;
}

}  // namespace thorax::report
