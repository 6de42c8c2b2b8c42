// Studies, jobs and results survive, and every job ends once.
#include "store/store.h"
#include "base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "store/ids.h"
#include "store/schema.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"

namespace thorax::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::code_of;
using testing_support::TemporaryFolder;

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store.reset();
    store = std::make_unique<Store>(folder.path(), limits);
  }
  Accepted send(const std::string& content, const std::string& name = "a.zip",
                const std::string& key = {}) {
    Upload upload = store->files().begin(content.size());
    upload.write(content);
    return store->accept(std::move(upload), name, key);
  }
  /// A report of one study, as a worker leaves it.
  Outcome done(const Claim& claim, const std::string& verdict = "normal") {
    fs::create_directories(store->report_folder(claim.lease) / "a");
    return {
        JobState::done,
        {},
        {{1, claim.lease + "/a", R"({"finding":"Lung nodule"})", verdict, "ct", "good", "P 1"}}};
  }

  TemporaryFolder folder;
  StoreLimits limits{100, 0};
  std::unique_ptr<Store> store;
};

TEST_F(StoreTest, AnAcceptedStudyIsThereAfterReopening) {
  const Accepted accepted = send("content");
  reopen();
  const std::optional<Study> study = store->study(accepted.study_id);
  ASSERT_TRUE(study);
  EXPECT_EQ(study->name, "a.zip");
  EXPECT_EQ(study->bytes, 7u);
  EXPECT_EQ(study->sha256, sha256_hex("content"));
  EXPECT_EQ(study->job.id, accepted.job_id);
  EXPECT_EQ(study->job.state, JobState::queued);
  EXPECT_EQ(read_file(store->files().path_of(study->sha256)), "content");
}

TEST_F(StoreTest, JobsAreClaimedInTheOrderTheyCame) {
  std::vector<std::string> sent, claimed;
  for (const char* content : {"1", "2", "3"}) sent.push_back(send(content).job_id);
  while (const std::optional<Claim> claim = store->claim()) claimed.push_back(claim->job_id);
  EXPECT_EQ(claimed, sent);
}

TEST_F(StoreTest, AJobEndsOnceHoweverManyThinkTheyHaveIt) {
  const Accepted accepted = send("x");
  const Claim first = *store->claim();
  reopen();
  EXPECT_THAT(store->recover(5), IsEmpty());
  const Claim second = *store->claim();
  EXPECT_EQ(second.attempt, 2);
  EXPECT_FALSE(store->finish(first.lease, done(first, "pathology")));
  EXPECT_EQ(store->renew(first.lease, "lungs", 0.5), Renewal::lost);
  EXPECT_TRUE(store->finish(second.lease, done(second)));
  EXPECT_FALSE(store->finish(second.lease, done(second)));
  const Study study = *store->study(accepted.study_id);
  EXPECT_EQ(study.job.state, JobState::done);
  ASSERT_EQ(study.results.size(), 1u);
  EXPECT_EQ(study.results[0].verdict, "normal");
}

TEST_F(StoreTest, EmbeddingsAreKeptAsLongAsTheirStudy) {
  const std::string nothing = store->embeddings_state();
  const auto read = [&](float value) {
    std::string id = send(std::to_string(value)).study_id;
    const Claim claim = *store->claim();
    Outcome outcome = done(claim);
    outcome.results.at(0).embedding = {"net", "sha", {value, -2.5F}};
    EXPECT_TRUE(store->finish(claim.lease, outcome));
    return id;
  };
  const std::string first = read(1), second = read(3);
  const std::string two = store->embeddings_state();
  EXPECT_NE(two, nothing);
  reopen();
  EXPECT_EQ(store->embeddings_state(), two);
  const std::vector<Embedded> both = store->embeddings(10);
  ASSERT_EQ(both.size(), 2u);
  for (const Embedded& one : both) {
    EXPECT_EQ(one.embedding.model_sha256, "sha");
    EXPECT_EQ(one.embedding.values,
              (std::vector<float>{one.reading.study_id == first ? 1.0F : 3.0F, -2.5F}));
  }
  EXPECT_EQ(store->embeddings(1).size(), 1u);
  store->remove_study(second);
  EXPECT_EQ(store->embeddings(10).size(), 1u);
  EXPECT_NE(store->embeddings_state(), two);
  read(4);
  EXPECT_NE(store->embeddings_state(), two) << "as many as then, but not the same";
}

TEST_F(StoreTest, AJobThatKeepsEndingTheServiceFailsInTheEnd) {
  const Accepted accepted = send("x");
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_EQ(store->claim()->attempt, attempt);
    reopen();
    EXPECT_THAT(store->recover(3),
                attempt < 3 ? std::vector<std::string>{} : std::vector{accepted.job_id});
  }
  const Job job = *store->job(accepted.job_id);
  EXPECT_EQ(job.state, JobState::failed);
  ASSERT_TRUE(job.failure);
  EXPECT_EQ(*job.failure, (Notice{"attempts_used_up"_code, {{"count", "3"}}}));
  EXPECT_FALSE(store->claim());
}

TEST_F(StoreTest, WhatIsHandedBackWasNoAttempt) {
  send("x");
  for (int i = 0; i < 5; ++i) {
    const Claim claim = *store->claim();
    EXPECT_EQ(claim.attempt, 1);
    EXPECT_TRUE(store->hand_back(claim.lease));
    EXPECT_FALSE(store->hand_back(claim.lease));
  }
}

TEST_F(StoreTest, AQueuedJobIsCancelledAtOnceAndARunningOneIsAskedToStop) {
  const Accepted queued = send("1");
  EXPECT_EQ(store->cancel(queued.job_id).state, JobState::cancelled);
  const Accepted running = send("2");
  const Claim claim = *store->claim();
  EXPECT_EQ(claim.job_id, running.job_id);
  EXPECT_EQ(store->renew(claim.lease, "lungs", 0.2), Renewal::go_on);
  EXPECT_EQ(store->cancel(running.job_id).state, JobState::running);
  EXPECT_EQ(store->renew(claim.lease, "lungs", 0.3), Renewal::cancel);
  EXPECT_TRUE(store->finish(claim.lease, {JobState::cancelled, {}, {}}));
  EXPECT_EQ(code_of([&] { store->cancel("0123"); }), "unknown_id"_code);
}

TEST_F(StoreTest, ACancelledJobThatACrashLeftRunningIsCancelled) {
  const Accepted accepted = send("1");
  store->claim();
  store->cancel(accepted.job_id);
  reopen();
  store->recover(5);
  EXPECT_EQ(store->job(accepted.job_id)->state, JobState::cancelled);
}

TEST_F(StoreTest, AFailedJobIsTriedAgainAndADoneOneIsNot) {
  const Accepted accepted = send("x");
  const Claim first = *store->claim();
  Outcome failed = done(first);
  failed.state = JobState::failed;
  failed.failure = Notice{"worker_died"_code, {{"detail", "signal 9"}}};
  ASSERT_TRUE(store->finish(first.lease, failed));
  EXPECT_EQ(store->job(accepted.job_id)->failure->id(), "WORKER_DIED");
  EXPECT_EQ(store->retry(accepted.job_id).state, JobState::queued);
  EXPECT_FALSE(fs::exists(store->report_folder(first.lease)));
  EXPECT_THAT(store->study(accepted.study_id)->results, IsEmpty());
  const Claim second = *store->claim();
  ASSERT_TRUE(store->finish(second.lease, done(second)));
  EXPECT_EQ(code_of([&] { store->retry(accepted.job_id); }), "wrong_job_state"_code);
}

TEST_F(StoreTest, TheSameKeyTakesAnUploadOnce) {
  const Accepted first = send("x", "a.zip", "key");
  const Accepted again = send("x", "a.zip", "key");
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.study_id, first.study_id);
  EXPECT_EQ(again.job_id, first.job_id);
  EXPECT_EQ(store->studies({}).total, 1);
  EXPECT_EQ(code_of([&] { send("y", "a.zip", "key"); }), "key_reused"_code);
}

TEST_F(StoreTest, AFullQueueRefuses) {
  limits.queue = 2;
  reopen();
  send("1");
  send("2");
  EXPECT_EQ(code_of([&] { store->check_queue(); }), "queue_full"_code);
  EXPECT_EQ(code_of([&] { send("3"); }), "queue_full"_code);
  store->claim();
  EXPECT_NO_THROW(send("3"));
}

TEST_F(StoreTest, AnUploadThatWouldEatIntoTheReserveIsRefused) {
  limits.disk_reserve = 1ull << 62;
  reopen();
  EXPECT_EQ(code_of([&] { send("1"); }), "disk_full"_code);
  limits.disk_reserve = 0;
  reopen();
  EXPECT_EQ(code_of([&] { store->files().begin(1ull << 62); }), "disk_full"_code);
}

TEST_F(StoreTest, TheSameFileIsKeptOnceAndGoesWithItsLastStudy) {
  const Accepted first = send("same"), second = send("same");
  const fs::path file = store->files().path_of(sha256_hex("same"));
  store->remove_study(first.study_id);
  EXPECT_TRUE(fs::exists(file));
  store->remove_study(second.study_id);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(code_of([&] { store->remove_study(first.study_id); }), "unknown_id"_code);
}

TEST_F(StoreTest, AStudyBeingReadCannotBeDeleted) {
  const Accepted accepted = send("x");
  const Claim claim = *store->claim();
  EXPECT_EQ(code_of([&] { store->remove_study(accepted.study_id); }), "wrong_job_state"_code);
  ASSERT_TRUE(store->finish(claim.lease, done(claim)));
  store->remove_study(accepted.study_id);
  EXPECT_FALSE(store->study(accepted.study_id));
  EXPECT_FALSE(fs::exists(store->report_folder(claim.lease)));
}

TEST_F(StoreTest, OpeningRemovesWhatACrashLeftHalfDone) {
  send("kept");
  const Claim claim = *store->claim();
  ASSERT_TRUE(store->finish(claim.lease, done(claim)));
  const fs::path part = folder.write("files/incoming/part");
  const fs::path orphan = folder.write("files/ab/abcd");
  const fs::path report = folder.write("reports/lost/result.json");
  reopen();
  EXPECT_FALSE(fs::exists(part));
  EXPECT_FALSE(fs::exists(orphan));
  EXPECT_FALSE(fs::exists(report));
  EXPECT_TRUE(fs::exists(store->files().path_of(sha256_hex("kept"))));
  EXPECT_TRUE(fs::exists(store->report_folder(claim.lease)));
}

TEST_F(StoreTest, AFolderBelongsToOneService) {
  EXPECT_EQ(code_of([&] { Store(folder.path(), limits); }), "data_in_use"_code);
}

// A service that is killed while it starts a worker leaves a child that holds what it held.
TEST_F(StoreTest, WaitsForAChildOfADeadServiceToLetGo) {
  const int watch = inotify_init1(IN_CLOEXEC);
  inotify_add_watch(watch, (folder / "lock").c_str(), IN_OPEN);
  const pid_t child = fork();
  if (child == 0) {
    // Until the next service has tried twice, or never will.
    alarm(10);
    char event[sizeof(inotify_event)];
    for (int tries = 0; tries < 2; ++tries)
      if (read(watch, event, sizeof event) != sizeof event) break;
    _exit(0);
  }
  close(watch);
  reopen();
  EXPECT_EQ(store->studies({}).total, 0);
  waitpid(child, nullptr, 0);
}

TEST_F(StoreTest, StudiesAreFilteredSearchedSortedAndPaged) {
  send("1", "beta.zip");
  send("22", "Alpha_1.zip");
  send("333", "gamma.zip");
  const Claim first = *store->claim();
  ASSERT_TRUE(store->finish(first.lease, done(first, "pathology")));
  const auto names = [&](const StudyQuery& query) {
    std::vector<std::string> out;
    for (const Study& study : store->studies(query).studies) out.push_back(study.name);
    return out;
  };
  StudyQuery query;
  query.sort = StudyQuery::Sort::name;
  query.descending = false;
  EXPECT_THAT(names(query), ElementsAre("Alpha_1.zip", "beta.zip", "gamma.zip"));
  query.limit = 1;
  query.offset = 1;
  EXPECT_THAT(names(query), ElementsAre("beta.zip"));
  EXPECT_EQ(store->studies(query).total, 3);
  query = {};
  query.sort = StudyQuery::Sort::bytes;
  EXPECT_THAT(names(query), ElementsAre("gamma.zip", "Alpha_1.zip", "beta.zip"));
  query = {};
  query.text = "alpha_";
  EXPECT_THAT(names(query), ElementsAre("Alpha_1.zip"));
  query.text = "a%";
  EXPECT_THAT(names(query), IsEmpty());
  query.text = "lung nodule";
  EXPECT_THAT(names(query), ElementsAre("beta.zip"));
  query = {};
  query.verdict = "pathology";
  EXPECT_THAT(names(query), ElementsAre("beta.zip"));
  query.kind = "xray";
  EXPECT_THAT(names(query), IsEmpty());
  query = {};
  query.state = "queued";
  EXPECT_EQ(store->studies(query).total, 2);
}

TEST_F(StoreTest, JobsAreCountedByState) {
  send("1");
  send("2");
  store->claim();
  const auto counts = store->counts();
  EXPECT_THAT(counts, ElementsAre(std::pair(JobState::queued, 1), std::pair(JobState::running, 1),
                                  std::pair(JobState::done, 0), std::pair(JobState::failed, 0),
                                  std::pair(JobState::cancelled, 0)));
  EXPECT_EQ(store->waiting(), 1);
  EXPECT_EQ(store->jobs("running", 10, 0).size(), 1u);
  EXPECT_EQ(store->jobs({}, 10, 1).size(), 1u);
}

TEST(SchemaTest, TheFirstLayoutIsUpgradedWithWhatItHolds) {
  const TemporaryFolder folder;
  {
    Database database(folder / "thorax.db");
    migrate(database, 1);
    database.execute(
        "INSERT INTO studies VALUES ('s1', 'old.zip', 'aa', 5, 1);"
        "INSERT INTO jobs (id, study_id, state, created_at, queued_at, finished_at) VALUES "
        "('j1', 's1', 'done', 1, 1, 2);"
        "INSERT INTO results VALUES ('j1', 1, 'r1/old', '{}', 'normal', 'ct', 'good')");
  }
  Store store(folder.path(), {});
  const std::optional<Study> study = store.study("s1");
  ASSERT_TRUE(study);
  EXPECT_EQ(study->name, "old.zip");
  ASSERT_EQ(study->results.size(), 1u);
  EXPECT_EQ(study->results[0].folder, "r1/old");
  Upload upload = store.files().begin();
  upload.write(std::string_view("new"));
  EXPECT_NO_THROW(store.accept(std::move(upload), "new.zip", "key"));
}

TEST(SchemaTest, ANewerLayoutIsRefused) {
  const TemporaryFolder folder;
  Database(folder / "thorax.db")
      .execute("PRAGMA user_version = " + std::to_string(schema_version() + 1));
  EXPECT_EQ(code_of([&] { Store(folder.path(), {}); }), "database_newer"_code);
}

TEST(SchemaTest, AFileThatIsNoDatabaseIsRefused) {
  const TemporaryFolder folder;
  folder.write("thorax.db", std::string(4096, 'x'));
  EXPECT_EQ(code_of([&] { Store(folder.path(), {}); }), "database_failed"_code);
}

TEST(IdsTest, IdsAreDifferentSortByTimeAndAreKnown) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(new_id());
  for (const std::string& id : ids) EXPECT_TRUE(is_id(id)) << id;
  EXPECT_LE(ids.front().substr(0, 12), ids.back().substr(0, 12));
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  EXPECT_FALSE(is_id("../../etc/passwd"));
  EXPECT_FALSE(is_id(std::string(24, 'G')));
}

}  // namespace
}  // namespace thorax::store
