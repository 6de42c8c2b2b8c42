// The queue's side of the store.
#include "base/error.h"
#include "store/ids.h"
#include "store/rows.h"
#include "store/store.h"

namespace thorax::store {

std::optional<Claim> Store::claim() {
  Transaction transaction(database_);
  Statement next = database_.prepare(
      "SELECT jobs.id, jobs.study_id, studies.name, studies.sha256, jobs.attempts FROM jobs "
      "JOIN studies ON studies.id = jobs.study_id WHERE jobs.state = 'queued' "
      "ORDER BY jobs.queued_at, jobs.id LIMIT 1");
  if (!next.step()) return std::nullopt;
  Claim claim{next.text(0), next.text(1), new_id(),
              next.text(2), next.text(3), static_cast<int>(next.integer(4)) + 1};
  database_
      .prepare(
          "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = ?, stage = "
          "'start', fraction = 0, started_at = ? WHERE id = ?")
      .bind(claim.lease)
      .bind(now_ms())
      .bind(claim.job_id)
      .run();
  transaction.commit();
  return claim;
}

Renewal Store::renew(const std::string& lease, const std::string& stage, double fraction) {
  Transaction transaction(database_);
  Statement held = database_.prepare("SELECT cancel_requested FROM jobs WHERE lease = ?");
  if (!held.bind(lease).step()) return Renewal::lost;
  const bool cancel = held.integer(0) != 0;
  database_.prepare("UPDATE jobs SET stage = ?, fraction = ? WHERE lease = ?")
      .bind(stage)
      .bind(fraction)
      .bind(lease)
      .run();
  transaction.commit();
  return cancel ? Renewal::cancel : Renewal::go_on;
}

bool Store::finish(const std::string& lease, const Outcome& outcome) {
  Transaction transaction(database_);
  Statement held = database_.prepare("SELECT id FROM jobs WHERE lease = ?");
  if (!held.bind(lease).step()) return false;
  const std::string job_id = held.text(0);
  Statement end = database_.prepare(
      "UPDATE jobs SET state = ?, lease = NULL, stage = NULL, fraction = NULL, code = ?, "
      "arguments = ?, finished_at = ? WHERE id = ?");
  end.bind(to_string(outcome.state));
  if (outcome.failure)
    end.bind(outcome.failure->id()).bind(arguments_text(*outcome.failure));
  else
    end.bind_null().bind_null();
  end.bind(now_ms()).bind(job_id).run();
  for (const Result& result : outcome.results) {
    database_
        .prepare(
            "INSERT INTO results (job_id, number, folder, summary, verdict, kind, trust, "
            "patient) VALUES (?,?,?,?,?,?,?,?)")
        .bind(job_id)
        .bind(static_cast<std::int64_t>(result.number))
        .bind(result.folder)
        .bind(result.summary)
        .bind(result.verdict)
        .bind(result.kind)
        .bind(result.trust)
        .bind(patient_key_.of(result.patient))
        .run();
    if (!result.embedding) continue;
    database_
        .prepare(
            "INSERT INTO embeddings (job_id, number, model, model_sha256, row) VALUES (?,?,?,?,?)")
        .bind(job_id)
        .bind(static_cast<std::int64_t>(result.number))
        .bind(result.embedding->model)
        .bind(result.embedding->model_sha256)
        .bind(std::span<const float>(result.embedding->values))
        .run();
  }
  transaction.commit();
  return true;
}

bool Store::hand_back(const std::string& lease) {
  Transaction transaction(database_);
  const int changed =
      database_
          .prepare(
              "UPDATE jobs SET state = 'queued', lease = NULL, attempts = attempts - 1, stage "
              "= NULL, fraction = NULL, started_at = NULL WHERE lease = ?")
          .bind(lease)
          .run();
  transaction.commit();
  return changed == 1;
}

std::vector<std::string> Store::recover(int max_attempts) {
  Transaction transaction(database_);
  const std::int64_t now = now_ms();
  // Somebody wanted it to end, and it has.
  database_
      .prepare(
          "UPDATE jobs SET state = 'cancelled', lease = NULL, stage = NULL, fraction = NULL, "
          "finished_at = ? WHERE state = 'running' AND cancel_requested = 1")
      .bind(now)
      .run();
  std::vector<std::string> failed;
  Statement tired =
      database_.prepare("SELECT id, attempts FROM jobs WHERE state = 'running' AND attempts >= ?");
  tired.bind(static_cast<std::int64_t>(max_attempts));
  std::vector<std::pair<std::string, std::int64_t>> found;
  while (tired.step()) found.emplace_back(tired.text(0), tired.integer(1));
  for (const auto& [id, attempts] : found) {
    const Notice notice{"attempts_used_up"_code, {{"count", std::to_string(attempts)}}};
    database_
        .prepare(
            "UPDATE jobs SET state = 'failed', lease = NULL, stage = NULL, fraction = NULL, "
            "code = ?, arguments = ?, finished_at = ? WHERE id = ?")
        .bind(notice.id())
        .bind(arguments_text(notice))
        .bind(now)
        .bind(id)
        .run();
    failed.push_back(id);
  }
  database_.execute(
      "UPDATE jobs SET state = 'queued', lease = NULL, stage = NULL, fraction = NULL, "
      "started_at = NULL WHERE state = 'running'");
  transaction.commit();
  return failed;
}

}  // namespace thorax::store
