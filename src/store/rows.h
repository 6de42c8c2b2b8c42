// From rows to records.
#pragma once

#include <string>
#include <vector>

#include "store/database.h"
#include "store/records.h"

namespace thorax::store {

/// The columns that read_job reads, in its order, of a table called jobs.
inline constexpr const char* kJobColumns =
    "jobs.id, jobs.study_id, jobs.state, jobs.attempts, jobs.cancel_requested, jobs.stage, "
    "jobs.fraction, jobs.code, jobs.arguments, jobs.created_at, jobs.queued_at, jobs.started_at, "
    "jobs.finished_at";
inline constexpr int kJobColumnCount = 13;

/// `first`: number of the first of kJobColumns in the row.
Job read_job(const Statement& row, int first);
std::vector<Result> read_results(Database& database, const std::string& job_id);

/// Arguments of a notice as the database keeps them: a JSON object of texts.
std::string arguments_text(const Notice& notice);

}  // namespace thorax::store
