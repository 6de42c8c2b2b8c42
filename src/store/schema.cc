#include "store/schema.h"

#include <array>

#include "base/error.h"

namespace thorax::store {
namespace {

// Step n makes layout n + 1 of layout n. A step that has been released is never changed.
constexpr std::array kSteps = {
    // 1: what was uploaded, what is to be done with it, what came out. Times are Unix milliseconds.
    R"sql(
CREATE TABLE studies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,            -- of the file, as it was sent
  sha256 TEXT NOT NULL,          -- names the file in the file folder
  bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX studies_by_time ON studies (created_at);
CREATE INDEX studies_by_file ON studies (sha256);

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  study_id TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  lease TEXT UNIQUE,             -- of the worker that has it; NULL unless running
  stage TEXT,
  fraction REAL,
  code TEXT,                     -- why it failed: an entry of the catalogue, and its arguments
  arguments TEXT,
  created_at INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER
) WITHOUT ROWID;
CREATE INDEX jobs_by_study ON jobs (study_id);
CREATE INDEX jobs_by_state ON jobs (state, queued_at, id);

CREATE TABLE results (
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,       -- of the DICOM study inside the file, from 1
  folder TEXT NOT NULL,          -- of its report, inside the report folder
  summary TEXT NOT NULL,         -- JSON: what the work list shows
  verdict TEXT,                  -- these three stand in the summary, too; here for filters
  kind TEXT,
  trust TEXT,
  PRIMARY KEY (job_id, number)
) WITHOUT ROWID;
)sql",
    // 2: an upload that is sent twice is taken once.
    R"sql(
CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  study_id TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE
) WITHOUT ROWID;
)sql",
    // 3: users, their sessions, tokens of programs. Secrets are kept as hashes alone.
    R"sql(
CREATE TABLE users (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  names INTEGER NOT NULL,        -- sees names of patients whatever the role says
  password TEXT NOT NULL,        -- argon2id, as libsodium writes it
  created_at INTEGER NOT NULL,
  signed_in_at INTEGER
) WITHOUT ROWID;

CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,         -- SHA-256 of what the browser holds
  user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  opened_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,     -- SHA-256 of the token
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,          -- "read,upload"
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  used_at INTEGER
) WITHOUT ROWID;
)sql",
    // 4: who saw and did what; each record's hash covers the one before.
    R"sql(
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  details TEXT NOT NULL,         -- JSON object of texts
  hash TEXT NOT NULL
);
CREATE INDEX audit_by_target ON audit (target);
)sql",
    // 5: what readers think of answers, with the answer as it was then.
    R"sql(
CREATE TABLE feedback (
  study_id TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,       -- of the result inside the study
  finding TEXT NOT NULL,         -- its id; empty: the verdict as a whole
  author TEXT NOT NULL,
  agrees INTEGER NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL,
  answer TEXT NOT NULL,
  probability REAL,
  PRIMARY KEY (study_id, number, finding, author)
) WITHOUT ROWID;
)sql",
    // 6: which results are of one patient: PatientID, hashed with a key (store/patient_key.h).
    R"sql(
ALTER TABLE results ADD COLUMN patient TEXT NOT NULL DEFAULT '';
CREATE INDEX results_by_patient ON results (patient);
)sql",
    // 7: what a network made of a study, for the map and for similar cases.
    R"sql(
CREATE TABLE embeddings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: a new one means a new row
  job_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  model TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  row BLOB NOT NULL,                     -- float32, little endian
  UNIQUE (job_id, number),
  FOREIGN KEY (job_id, number) REFERENCES results (job_id, number) ON DELETE CASCADE
);
)sql",
};

int version_of(Database& database) {
  Statement query = database.prepare("PRAGMA user_version");
  return query.step() ? static_cast<int>(query.integer(0)) : 0;
}

}  // namespace

int schema_version() {
  return static_cast<int>(kSteps.size());
}

void migrate(Database& database, int version) {
  Transaction transaction(database);
  const int found = version_of(database);
  if (found > schema_version())
    throw Error("database_newer"_code, {{"path", database.path()},
                                        {"found", std::to_string(found)},
                                        {"known", std::to_string(schema_version())}});
  for (int step = found; step < version; ++step)
    database.execute(kSteps[static_cast<std::size_t>(step)]);
  if (version > found) database.execute("PRAGMA user_version = " + std::to_string(version));
  transaction.commit();
}

}  // namespace thorax::store
