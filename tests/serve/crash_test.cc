// Whatever dies at whatever moment: an accepted job ends exactly once.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/files.h"
#include "serve/stub_service.h"
#include "store/store.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using testing_support::Client;
using testing_support::TemporaryFolder;

/// THORAX_KILL_ROUNDS asks for more or fewer.
int rounds() {
  const char* wanted = std::getenv("THORAX_KILL_ROUNDS");
  return wanted ? std::atoi(wanted) : 200;
}

/// A process that is killed without warning after some milliseconds.
pid_t kill_later(pid_t victim, int milliseconds) {
  const pid_t killer = fork();
  if (killer == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    kill(victim, SIGKILL);
    _exit(0);
  }
  return killer;
}

struct Running {
  pid_t pid = -1;
  int port = -1;
};

/// The service in a process of its own.
Running start(const Options& options, const WorkerCommand& command) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    const Service service(options, command);
    const int port = service.port();
    if (write(ends[1], &port, sizeof port) != sizeof port) _exit(1);
    for (;;) pause();
  }
  close(ends[1]);
  Running running{pid, -1};
  if (read(ends[0], &running.port, sizeof running.port) != sizeof running.port) running.port = -1;
  close(ends[0]);
  return running;
}

std::string content_of(int number) {
  return (number % 10 == 9 ? "crash " : "sick ") + std::to_string(number);
}

/// Sends studies, each with a key of its own, until the service is gone. An upload that was not
/// answered is sent again to the next service, as a careful client does.
void send_until_killed(int port, int& number, std::map<int, std::string>& accepted) {
  httplib::Client client("127.0.0.1", port);
  for (;;) {
    const auto answer =
        client.Post("/api/v1/studies", {{"Idempotency-Key", "upload-" + std::to_string(number)}},
                    content_of(number), "application/octet-stream");
    if (!answer) return;
    ASSERT_TRUE(answer->status == 201 || answer->status == 200) << answer->body;
    accepted[number] = nlohmann::json::parse(answer->body)["id"];
    ++number;
  }
}

TEST(SlowCrashTest, EveryAcceptedJobEndsOnceHoweverOftenTheServiceIsKilled) {
  const TemporaryFolder folder;
  const WorkerCommand command = testing_support::stub_worker(folder);
  Options options = testing_support::stub_options(folder);
  options.attempts = 1'000'000;
  options.queue = 1'000'000;
  std::mt19937 random(20261121);
  std::uniform_int_distribution<int> moment(0, 60);
  int number = 0;
  std::map<int, std::string> accepted;
  for (int round = 0; round < rounds(); ++round) {
    const Running service = start(options, command);
    ASSERT_GT(service.port, 0) << "round " << round;
    const pid_t killer = kill_later(service.pid, moment(random));
    send_until_killed(service.port, number, accepted);
    waitpid(killer, nullptr, 0);
    waitpid(service.pid, nullptr, 0);
  }
  RecordProperty("accepted", static_cast<int>(accepted.size()));
  std::cout << accepted.size() << " studies accepted by services killed " << rounds() << " times\n";

  {
    const Service service(options, command);
    Client client(service.port());
    for (const auto& [unused, id] : accepted) {
      const nlohmann::json study = client.get("/api/v1/studies/" + id).json();
      ASSERT_TRUE(study.contains("job")) << "an accepted study was lost: " << study;
      client.ended(study["job"]["id"]);
    }
  }
  store::Store store(options.data, {1'000'000, 0});
  // The last upload may have been taken without an answer.
  const auto all = static_cast<std::size_t>(store.studies({}).total);
  EXPECT_TRUE(all == accepted.size() || all == accepted.size() + 1) << all;
  std::set<std::string> folders;
  for (const auto& [sent, id] : accepted) {
    const store::Study study = *store.study(id);
    EXPECT_EQ(read_file(store.files().path_of(study.sha256)), content_of(sent));
    if (sent % 10 == 9) {
      EXPECT_EQ(study.job.state, store::JobState::failed);
      EXPECT_EQ(study.job.failure->id(), "WORKER_DIED");
      EXPECT_TRUE(study.results.empty());
      continue;
    }
    EXPECT_EQ(study.job.state, store::JobState::done);
    ASSERT_EQ(study.results.size(), 1u);
    const fs::path report = store.report_folder(study.results[0].folder);
    EXPECT_EQ(nlohmann::json::parse(read_file(report / "result.json"))["content"],
              content_of(sent));
    EXPECT_TRUE(folders.insert(report.parent_path().filename()).second) << "two jobs, one report";
  }
  if (all > accepted.size()) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(store.report_folder("")))
    EXPECT_TRUE(folders.contains(entry.path().filename())) << "a report of nothing: " << entry;
}

TEST(CrashTest, AStudyThatEndsTheServiceEachTimeIsSetAside) {
  const TemporaryFolder folder;
  const WorkerCommand command = testing_support::stub_worker(folder);
  Options options = testing_support::stub_options(folder);
  options.attempts = 2;
  std::string job;
  for (int i = 0; i < 2; ++i) {
    const Running service = start(options, command);
    Client client(service.port);
    if (job.empty()) job = client.upload("hang")["job"]["id"];
    client.until(job, [](const nlohmann::json& now) { return now["stage"] == "hanging"; });
    kill(service.pid, SIGKILL);
    waitpid(service.pid, nullptr, 0);
  }
  const Service service(options, command);
  Client client(service.port());
  const nlohmann::json after = client.get("/api/v1/jobs/" + job).json();
  EXPECT_EQ(after["state"], "failed");
  EXPECT_EQ(after["failure"]["code"], "ATTEMPTS_USED_UP");
}

}  // namespace
}  // namespace thorax::serve
