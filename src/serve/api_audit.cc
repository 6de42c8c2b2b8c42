// The audit log, for administrators.
#include "serve/api.h"

namespace thorax::serve {

void audit_api(Context& context, Call& call) {
  store::AuditQuery query;
  query.who = call.parameter("who");
  query.action = call.parameter("action");
  query.target = call.parameter("target");
  query.limit = call.number("limit", query.limit, 1, 1000);
  query.offset = call.number("offset", 0, 0, 1'000'000'000);
  Json records = Json::array();
  for (const store::AuditRecord& record : context.audit.list(query))
    records.push_back(Json{{"number", record.number},
                           {"at", time_text(record.at)},
                           {"who", record.entry.who},
                           {"address", record.entry.address},
                           {"action", record.entry.action},
                           {"target", record.entry.target},
                           {"details", record.entry.details},
                           {"hash", record.hash}});
  call.answer(Json{{"records", std::move(records)},
                   {"total", context.audit.count(query)},
                   {"limit", query.limit},
                   {"offset", query.offset}});
}

}  // namespace thorax::serve
