// What a new decoding child is told of those that died before it on the same source.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/notice.h"
#include "intake/child_journal.h"

namespace thorax::intake {

struct IndexPlan {
  std::map<EntryPlace, Notice> given_up;  ///< entries that are set aside unread, and why
  std::set<int> alone;                    ///< files that are read last, one by one
};

nlohmann::json to_json(const IndexPlan& plan);
IndexPlan index_plan_from_json(const nlohmann::json& json);

}  // namespace thorax::intake
