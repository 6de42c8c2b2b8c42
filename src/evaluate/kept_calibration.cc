#include "evaluate/kept_calibration.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace thorax::evaluate {

using nlohmann::json;

json calibration_json(const Fitted& fitted, const std::vector<std::string>& classes) {
  json kept{{"temperature", fitted.temperature}, {"cases", fitted.cases}};
  for (std::size_t k = 0; k < fitted.conformal.of_class.size(); ++k) {
    std::vector<double> of_class = fitted.conformal.of_class[k];
    for (double& score : of_class) score = std::ceil(score * 1e6) / 1e6;
    kept["conformal"][classes.at(k)] = of_class;
  }
  return kept;
}

Fitted read_calibration(const json& calibration, const std::vector<std::string>& classes) {
  Fitted fitted;
  fitted.temperature = calibration.at("temperature");
  if (!(fitted.temperature > 0)) throw std::invalid_argument("temperature: not above 0");
  fitted.cases = calibration.value("cases", std::int64_t{0});
  const auto found = calibration.find("conformal");
  if (found == calibration.end()) return fitted;
  for (const std::string& name : classes) {
    auto of_class = found->at(name).get<std::vector<double>>();
    if (!std::ranges::is_sorted(of_class)) throw std::invalid_argument("conformal: not sorted");
    fitted.conformal.of_class.push_back(std::move(of_class));
  }
  return fitted;
}

}  // namespace thorax::evaluate
