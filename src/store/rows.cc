#include "store/rows.h"

#include <nlohmann/json.hpp>

namespace thorax::store {

std::string arguments_text(const Notice& notice) {
  // An argument may hold a file's name in any bytes.
  return nlohmann::json(notice.args).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Job read_job(const Statement& row, int first) {
  Job job;
  int column = first;
  job.id = row.text(column++);
  job.study_id = row.text(column++);
  job.state = parse_state(row.text(column++));
  job.attempts = static_cast<int>(row.integer(column++));
  job.cancel_requested = row.integer(column++) != 0;
  job.stage = row.text(column++);
  job.fraction = row.real(column++);
  const std::string code = row.text(column++);
  const std::string arguments = row.text(column++);
  if (!code.empty()) job.failure = Notice{parse_code(code), nlohmann::json::parse(arguments)};
  job.created_at = row.integer(column++);
  job.queued_at = row.integer(column++);
  job.started_at = row.optional_integer(column++);
  job.finished_at = row.optional_integer(column++);
  return job;
}

std::vector<Result> read_results(Database& database, const std::string& job_id) {
  Statement rows = database.prepare(
      "SELECT number, folder, summary, verdict, kind, trust, patient FROM results WHERE job_id = ? "
      "ORDER BY number");
  rows.bind(job_id);
  std::vector<Result> results;
  while (rows.step())
    results.push_back({static_cast<int>(rows.integer(0)), rows.text(1), rows.text(2), rows.text(3),
                       rows.text(4), rows.text(5), rows.text(6)});
  return results;
}

}  // namespace thorax::store
