// What the service keeps of a study, as plain values. Times are Unix milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notice.h"

namespace thorax::store {

enum class JobState { queued, running, done, failed, cancelled };

std::string_view to_string(JobState state);
/// Throws Error("bad_parameter"_code) for anything that is no state.
JobState parse_state(std::string_view name);
inline bool is_final(JobState state) {
  return state != JobState::queued && state != JobState::running;
}

/// One upload being read.
struct Job {
  std::string id, study_id;
  JobState state = JobState::queued;
  int attempts = 0;
  bool cancel_requested = false;
  std::string stage;    ///< "lungs", …; empty unless running
  double fraction = 0;  ///< of the work, in [0, 1]
  std::optional<Notice> failure;
  std::int64_t created_at = 0, queued_at = 0;
  std::optional<std::int64_t> started_at, finished_at;
};

/// What a model's network made of a study: a row of numbers, as near to another's as the network
/// finds them alike.
struct Embedding {
  std::string model, model_sha256;
  std::vector<float> values;
};

/// What came out of one DICOM study of an upload.
struct Result {
  int number = 1;
  std::string folder;   ///< of its report, inside the report folder
  std::string summary;  ///< JSON text: what the work list shows
  std::string verdict;  ///< normal | pathology | uncertain; empty when it was refused
  std::string kind;     ///< ct | xray | other
  std::string trust;    ///< good | usable | unfit
  std::string patient;  ///< the same word for results of one patient; empty: not known
  std::optional<Embedding> embedding = {};  ///< from models that make one; not read back with it
};

/// Where a result is, and what it is of.
struct Reading {
  std::string study_id;
  int number = 1;
  std::string name;  ///< of the upload
  std::string study_uid, kind, verdict;
};

/// An embedding and whose it is.
struct Embedded {
  Reading reading;
  Embedding embedding;
};

/// One upload with what became of it.
struct Study {
  std::string id, name, sha256;
  std::uint64_t bytes = 0;
  std::int64_t created_at = 0;
  Job job;
  std::vector<Result> results;
};

/// What to list. Empty strings: any.
struct StudyQuery {
  std::string text;     ///< part of a name, an id or a finding; case does not matter for ASCII
  bool by_name = true;  ///< names may be looked for and sorted by
  std::string state, verdict, kind, trust, patient;
  std::optional<std::int64_t> from, to;  ///< uploaded then or later; before then
  enum class Sort { created, name, bytes, state } sort = Sort::created;
  bool descending = true;
  int limit = 50;
  int offset = 0;
};

/// What of the studies that ended is kept. Zero: all.
struct Retention {
  std::int64_t age_ms = 0;  ///< since the upload
  std::int64_t count = 0;   ///< the newest
  std::uint64_t bytes = 0;  ///< of uploads together, the newest first

  bool keeps_all() const { return age_ms == 0 && count == 0 && bytes == 0; }
};

struct StudyPage {
  std::vector<Study> studies;
  std::int64_t total = 0;  ///< that match, on all pages
};

}  // namespace thorax::store
