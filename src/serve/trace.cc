#include "serve/trace.h"

#include "serve/api.h"

namespace thorax::serve {
namespace {

constexpr std::int64_t kSameLookMs = 5 * 60'000;
constexpr std::size_t kMaxLooks = 10'000;

struct Act {
  std::string action;  ///< empty: nothing to write down
  std::string target;
  bool look = false;  ///< showed something, changed nothing
};

/// Of what lies under an address of a study: studies/ID/…
std::string look_at_study(const std::vector<std::string>& rest) {
  if (rest.size() == 2) return "view_study";
  if (rest[2] == "file" || rest[2] == "table.xlsx" || rest[2] == "dicom.zip") return "download";
  if (rest.back().ends_with(".dcm")) return "download";
  return rest[2] == "results" ? "view_report" : "view_images";
}

Act act_of(const Call& call) {
  const std::vector<std::string>& path = call.path;
  const bool reading = is_reading(call.request);
  if (!call.subject.empty()) return {"upload", call.subject, false};
  if (reading && path.size() == 2 && path[0] == "reports") return {"download", path[1], true};
  if (path.size() < 3 || path[0] != "api") return {};
  const std::vector<std::string> rest{path.begin() + 2, path.end()};
  if (reading && rest[0] == "table.xlsx") return {"download", call.parameter("ids"), true};
  if (reading && rest[0] == "audit") return {"view_audit", "", true};
  if (reading && rest[0] == "embeddings") return {"list_studies", "embeddings", true};
  if (reading && rest[0] == "feedback") return {"export_feedback", "", true};
  // An opinion is written down with what it says.
  if (!reading && rest.back() == "feedback") return {};
  if (rest[0] != "studies" && rest[0] != "jobs") return {};
  if (reading && rest[0] == "jobs") return {};
  if (rest.size() == 1) return reading ? Act{"list_studies", "", true} : Act{};
  if (reading && rest.size() == 3 && rest[2] == "deidentified.zip")
    return {"export_deidentified", rest[1], false};
  if (reading) return {look_at_study(rest), rest[1], true};
  if (call.request.method == "DELETE") return {"delete", rest[1], false};
  return {rest.size() > 2 ? rest[2] : "change", rest[1], false};
}

}  // namespace

Trace::Trace(store::Audit& audit, store::Clock now) : audit_(audit), now_(std::move(now)) {}

bool Trace::seen_lately(const std::string& look) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = now_();
  const auto [place, added] = looks_.try_emplace(look, now);
  if (!added && now < place->second + kSameLookMs) return true;
  place->second = now;
  if (looks_.size() > kMaxLooks)
    std::erase_if(looks_, [&](const auto& one) {
      return now >= one.second + kSameLookMs || looks_.size() > 2 * kMaxLooks;
    });
  return false;
}

void Trace::answered(const Call& call) {
  if (call.response.status >= 400) return;
  const Act act = act_of(call);
  if (act.action.empty()) return;
  if (act.look && seen_lately(call.who.account() + '\n' + call.who.address + '\n' + act.action +
                              '\n' + act.target))
    return;
  record(call.who, act.action, act.target);
}

void Trace::refused(const Call& call, const Notice& notice) {
  const std::string what = call.request.method + ' ' + call.request.path.substr(0, 200);
  if (!seen_lately(notice.id() + '\n' + call.who.address + '\n' + what))
    record(call.who, "refused", what, {{"code", notice.id()}});
}

void Trace::record(const Identity& who, const std::string& action, const std::string& target,
                   const std::map<std::string, std::string>& details) {
  audit_.append({who.account(), who.address, action, target, details});
}

}  // namespace thorax::serve
