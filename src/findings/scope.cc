#include "findings/scope.h"

#include <cmath>
#include <stdexcept>

namespace thorax::findings {

std::optional<Population> population_of(const nlohmann::json& manifest) {
  const auto found = manifest.find("population");
  if (found == manifest.end()) return {};
  const nlohmann::json& age = found->at("age_years");
  const Population population{age.at("from"), age.at("to")};
  if (population.from < 0 || population.to < population.from)
    throw std::invalid_argument("population: age_years from … to");
  return population;
}

std::optional<Notice> check_age(const Population& population, const std::string& model,
                                std::optional<double> age_years) {
  Notice notice{"population_unknown"_code,
                {{"model", model},
                 {"from", std::to_string(population.from)},
                 {"to", std::to_string(population.to)}}};
  if (!age_years) return notice;
  const int years = static_cast<int>(std::floor(*age_years));
  if (years >= population.from && years <= population.to) return {};
  notice.code = "outside_population"_code;
  notice.args["age"] = std::to_string(years);
  return notice;
}

void leave_open(Decision& decision, const std::vector<Text>& classes) {
  Verdict& verdict = decision.verdict;
  verdict.kind = VerdictKind::uncertain;
  verdict.in_scope = false;
  verdict.most_dangerous.clear();
  if (verdict.set) verdict.set->classes = classes;
  for (Finding& finding : decision.findings) {
    finding.analysed = finding.positive = false;
    finding.not_analysed_why = {"the model was not made for this picture or patient",
                                "модель не предназначена для такого снимка или пациента"};
    finding.places.clear();
  }
}

}  // namespace thorax::findings
