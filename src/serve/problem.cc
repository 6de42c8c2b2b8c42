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

/// What the statuses of HTTP say of what happened; 500 for all that is not named.
struct Status {
  Code code;
  int status;
};
constexpr Status kStatuses[] = {
    {"bad_parameter"_code, 400},
    {"bad_option"_code, 400},
    {"bad_tensors"_code, 400},
    {"bad_request"_code, 400},
    {"no_file_sent"_code, 400},
    {"upload_cut_short"_code, 400},
    {"bad_user_name"_code, 400},
    {"weak_password"_code, 400},
    {"sign_in_needed"_code, 401},
    {"sign_in_failed"_code, 401},
    {"token_invalid"_code, 401},
    {"foreign_page"_code, 403},
    {"not_allowed"_code, 403},
    {"csrf_missing"_code, 403},
    {"nothing_there"_code, 404},
    {"no_dicom_objects"_code, 404},
    {"unknown_id"_code, 404},
    {"page_missing"_code, 404},
    {"no_models"_code, 404},
    {"unknown_user"_code, 404},
    {"wrong_job_state"_code, 409},
    {"model_exists"_code, 409},
    {"model_ships"_code, 409},
    {"upload_busy"_code, 409},
    {"upload_offset"_code, 409},
    {"upload_incomplete"_code, 409},
    {"user_exists"_code, 409},
    {"last_admin"_code, 409},
    {"upload_too_large"_code, 413},
    {"tensors_too_large"_code, 413},
    {"body_too_large"_code, 413},
    {"key_reused"_code, 422},
    {"bad_model"_code, 422},
    {"bad_weights"_code, 422},
    {"unknown_checkpoint"_code, 422},
    {"keys_do_not_fit"_code, 422},
    {"model_altered"_code, 422},
    {"self_test_failed"_code, 422},
    {"queue_full"_code, 429},
    {"sign_in_throttled"_code, 429},
    {"too_many_uploads"_code, 429},
    {"headers_too_large"_code, 431},
    {"too_many_connections"_code, 503},
    {"too_many_streams"_code, 503},
    {"models_busy"_code, 503},
    {"import_running"_code, 503},
    {"too_little_memory"_code, 503},
    {"disk_full"_code, 507},
};

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
  const auto found = std::find_if(std::begin(kStatuses), std::end(kStatuses),
                                  [&](const Status& row) { return row.code == code; });
  return found == std::end(kStatuses) ? 500 : found->status;
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
