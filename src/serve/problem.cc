#include "serve/problem.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace thorax::serve {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Language accepted_language(std::string_view header) {
  double russian = -1, english = -1, other = -1;
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    std::string_view range = trimmed(header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
    double quality = 1;
    if (const std::size_t mark = range.find(";q="); mark != std::string_view::npos) {
      quality = std::atof(std::string(range.substr(mark + 3)).c_str());
      range = trimmed(range.substr(0, mark));
    }
    const std::string_view primary = range.substr(0, std::min(range.find('-'), range.size()));
    double& wish = primary == "ru" ? russian : primary == "en" ? english : other;
    if (primary == "ru" || primary == "en" || primary == "*") wish = std::max(wish, quality);
  }
  return russian > 0 && russian > std::max(english, other) ? Language::ru : Language::en;
}

int status_of(Code code) {
  switch (code) {
    case Code::nothing_there:
    case Code::unknown_id:
    case Code::page_missing:
    case Code::no_models:
      return 404;
    case Code::sign_in_needed:
    case Code::sign_in_failed:
    case Code::token_invalid:
      return 401;
    case Code::foreign_page:
    case Code::not_allowed:
    case Code::csrf_missing:
      return 403;
    case Code::wrong_job_state:
      return 409;
    case Code::upload_too_large:
    case Code::tensors_too_large:
    case Code::body_too_large:
      return 413;
    case Code::key_reused:
      return 422;
    case Code::queue_full:
    case Code::sign_in_throttled:
      return 429;
    case Code::headers_too_large:
      return 431;
    case Code::too_many_connections:
    case Code::too_many_streams:
    case Code::models_busy:
    case Code::too_little_memory:
      return 503;
    case Code::disk_full:
      return 507;
    case Code::bad_parameter:
    case Code::bad_tensors:
    case Code::bad_request:
    case Code::no_file_sent:
    case Code::upload_cut_short:
      return 400;
    default:
      return 500;
  }
}

nlohmann::ordered_json problem(const Notice& notice, Language language) {
  // RFC 9457, section 4.2.1: about:blank where the code says it all.
  return {{"type", "about:blank"},
          {"title", notice.what(language)},
          {"status", status_of(notice.code)},
          {"detail", notice.todo(language)},
          {"code", notice.id()},
          {"arguments", notice.args}};
}

nlohmann::ordered_json failure_json(const Notice& notice) {
  const auto both = [&](auto&& say) {
    return nlohmann::ordered_json{{"en", say(Language::en)}, {"ru", say(Language::ru)}};
  };
  return {{"code", notice.id()},
          {"arguments", notice.args},
          {"what", both([&](Language language) { return notice.what(language); })},
          {"todo", both([&](Language language) { return notice.todo(language); })}};
}

}  // namespace thorax::serve
