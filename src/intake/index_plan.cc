#include "intake/index_plan.h"

#include "intake/protocol.h"

namespace thorax::intake {

nlohmann::json to_json(const IndexPlan& plan) {
  nlohmann::json given_up = nlohmann::json::array();
  for (const auto& [place, reason] : plan.given_up)
    given_up.push_back(
        {{"at", {place.file, place.member, place.nested}}, {"why", to_json(reason)}});
  return {{"given_up", std::move(given_up)}, {"alone", plan.alone}};
}

IndexPlan index_plan_from_json(const nlohmann::json& json) {
  IndexPlan plan;
  for (const nlohmann::json& item : json.at("given_up")) {
    const auto at = item.at("at").get<std::array<std::int32_t, 3>>();
    plan.given_up.emplace(EntryPlace{at[0], at[1], at[2]}, notice_from_json(item.at("why")));
  }
  plan.alone = json.at("alone").get<std::set<int>>();
  return plan;
}

}  // namespace thorax::intake
