// The store's answers to questions.
#include <algorithm>

#include "store/rows.h"
#include "store/store.h"

namespace thorax::store {
namespace {

std::string study_columns() {
  return std::string(
             "SELECT studies.id, studies.name, studies.sha256, studies.bytes, "
             "studies.created_at, ") +
         kJobColumns;
}

constexpr const char* kJoin = " FROM studies JOIN jobs ON jobs.study_id = studies.id ";

Study read_study(const Statement& row) {
  Study study;
  study.id = row.text(0);
  study.name = row.text(1);
  study.sha256 = row.text(2);
  study.bytes = static_cast<std::uint64_t>(row.integer(3));
  study.created_at = row.integer(4);
  study.job = read_job(row, 5);
  return study;
}

/// The text as a LIKE pattern that finds it anywhere.
std::string anywhere(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

/// Conditions of a query and what is bound to them, in order.
struct Where {
  std::string sql = "WHERE 1 = 1";
  std::vector<std::string> values;

  void add(const std::string& condition, const std::string& value) {
    if (value.empty()) return;
    sql += " AND " + condition;
    values.push_back(value);
  }
  void add_result(const std::string& column, const std::string& value) {
    add("EXISTS (SELECT 1 FROM results WHERE job_id = jobs.id AND results." + column + " = ?)",
        value);
  }
};

Where where_of(const StudyQuery& query) {
  Where where;
  where.add("jobs.state = ?", query.state);
  where.add_result("verdict", query.verdict);
  where.add_result("kind", query.kind);
  where.add_result("trust", query.trust);
  where.add_result("patient", query.patient);
  // Times are numbers of this program: nothing to quote.
  if (query.from) where.sql += " AND studies.created_at >= " + std::to_string(*query.from);
  if (query.to) where.sql += " AND studies.created_at < " + std::to_string(*query.to);
  if (!query.text.empty())
    where.add(std::string("(studies.id || ' ' ||") + (query.by_name ? " studies.name ||" : "") +
                  " ' ' || ifnull((SELECT group_concat(summary) FROM "
                  "results WHERE job_id = jobs.id), '')) LIKE ? ESCAPE '\\'",
              anywhere(query.text));
  return where;
}

std::string order_of(const StudyQuery& query) {
  const std::string way = query.descending ? " DESC" : " ASC";
  std::string column = "studies.created_at";
  if (query.sort == StudyQuery::Sort::name && query.by_name) column = "studies.name COLLATE NOCASE";
  if (query.sort == StudyQuery::Sort::bytes) column = "studies.bytes";
  if (query.sort == StudyQuery::Sort::state) column = "jobs.state";
  return " ORDER BY " + column + way + ", studies.id" + way;
}

}  // namespace

std::optional<Study> Store::study(const std::string& id) {
  Transaction transaction(database_);
  Statement row = database_.prepare(study_columns() + kJoin + "WHERE studies.id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  Study study = read_study(row);
  study.results = read_results(database_, study.job.id);
  return study;
}

std::optional<Job> Store::job(const std::string& id) {
  Transaction transaction(database_);
  Statement row =
      database_.prepare(std::string("SELECT ") + kJobColumns + " FROM jobs WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  return read_job(row, 0);
}

StudyPage Store::studies(const StudyQuery& query) {
  Transaction transaction(database_);
  const Where where = where_of(query);
  StudyPage page;
  Statement count = database_.prepare(std::string("SELECT count(*)") + kJoin + where.sql);
  for (const std::string& value : where.values) count.bind(value);
  if (count.step()) page.total = count.integer(0);
  Statement rows = database_.prepare(study_columns() + kJoin + where.sql + order_of(query) +
                                     " LIMIT ? OFFSET ?");
  for (const std::string& value : where.values) rows.bind(value);
  rows.bind(static_cast<std::int64_t>(query.limit)).bind(static_cast<std::int64_t>(query.offset));
  while (rows.step()) page.studies.push_back(read_study(rows));
  for (Study& study : page.studies) study.results = read_results(database_, study.job.id);
  return page;
}

std::vector<Reading> Store::readings() {
  Transaction transaction(database_);
  Statement rows = database_.prepare(
      "SELECT studies.id, number, name, json_extract(summary, '$.study_uid'), kind, verdict FROM "
      "results JOIN jobs ON jobs.id = job_id JOIN studies ON studies.id = jobs.study_id ORDER BY "
      "studies.created_at DESC, studies.id DESC, number");
  std::vector<Reading> readings;
  while (rows.step())
    readings.push_back({rows.text(0), static_cast<int>(rows.integer(1)), rows.text(2), rows.text(3),
                        rows.text(4), rows.text(5)});
  return readings;
}

std::vector<Embedded> Store::embeddings(std::size_t count) {
  Transaction transaction(database_);
  Statement rows = database_.prepare(
      "SELECT studies.id, results.number, name, json_extract(summary, '$.study_uid'), kind, "
      "verdict, model, model_sha256, row FROM embeddings JOIN results USING (job_id, number) JOIN "
      "jobs ON jobs.id = results.job_id JOIN studies ON studies.id = jobs.study_id ORDER BY "
      "studies.created_at DESC, studies.id DESC, results.number LIMIT ?");
  rows.bind(static_cast<std::int64_t>(count));
  std::vector<Embedded> embeddings;
  while (rows.step())
    embeddings.push_back({{rows.text(0), static_cast<int>(rows.integer(1)), rows.text(2),
                           rows.text(3), rows.text(4), rows.text(5)},
                          {rows.text(6), rows.text(7), rows.row(8)}});
  return embeddings;
}

std::string Store::embeddings_state() {
  Transaction transaction(database_);
  Statement state = database_.prepare("SELECT count(*), ifnull(max(id), 0) FROM embeddings");
  return state.step() ? state.text(0) + ' ' + state.text(1) : std::string();
}

std::vector<Job> Store::jobs(const std::string& state, int limit, int offset) {
  Transaction transaction(database_);
  Where where;
  where.add("state = ?", state);
  Statement rows =
      database_.prepare(std::string("SELECT ") + kJobColumns + " FROM jobs " + where.sql +
                        " ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?");
  for (const std::string& value : where.values) rows.bind(value);
  rows.bind(static_cast<std::int64_t>(limit)).bind(static_cast<std::int64_t>(offset));
  std::vector<Job> jobs;
  while (rows.step()) jobs.push_back(read_job(rows, 0));
  return jobs;
}

std::vector<std::string> Store::outlived(const Retention& retention, std::int64_t now) {
  Transaction transaction(database_);
  Statement rows = database_.prepare(
      "SELECT studies.id, studies.created_at, studies.bytes, jobs.state FROM studies JOIN jobs ON "
      "jobs.study_id = studies.id ORDER BY studies.created_at DESC, studies.id DESC");
  std::vector<std::string> ids;
  std::int64_t count = 0;
  std::uint64_t bytes = 0;
  while (rows.step()) {
    ++count;
    bytes += static_cast<std::uint64_t>(rows.integer(2));
    const bool outlived = (retention.age_ms > 0 && rows.integer(1) <= now - retention.age_ms) ||
                          (retention.count > 0 && count > retention.count) ||
                          (retention.bytes > 0 && bytes > retention.bytes);
    if (outlived && is_final(parse_state(rows.text(3)))) ids.push_back(rows.text(0));
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

std::vector<std::pair<JobState, std::int64_t>> Store::counts() {
  Transaction transaction(database_);
  std::vector<std::pair<JobState, std::int64_t>> counts;
  for (const JobState state :
       {JobState::queued, JobState::running, JobState::done, JobState::failed, JobState::cancelled})
    counts.emplace_back(state, 0);
  Statement rows = database_.prepare("SELECT state, count(*) FROM jobs GROUP BY state");
  while (rows.step())
    counts[static_cast<std::size_t>(parse_state(rows.text(0)))].second = rows.integer(1);
  return counts;
}

}  // namespace thorax::store
