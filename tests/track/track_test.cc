#include <gtest/gtest.h>
#include <httplib.h>
#include <yaml-cpp/yaml.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/files.h"
#include "support/temporary_folder.h"
#include "track/mlflow_files.h"
#include "track/tensorboard.h"
#include "track/tracker.h"

namespace thorax::track {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing_support::TemporaryFolder;

/// Two numbers an epoch.
std::vector<Metric> metrics(int epochs) {
  std::vector<Metric> all;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    all.push_back({"train_loss", 1.0 / epoch, epoch, 1000 * epoch});
    all.push_back({"validation_f1", 0.5 + 0.1 * epoch, epoch, 1000 * epoch});
  }
  return all;
}

RunRecord record(const fs::path& folder) {
  RunRecord run;
  run.experiment = "heads";
  run.name = "first";
  run.fingerprint = "ab12";
  run.folder = folder;
  run.params = {{"training.rate", "0.001"}, {"data.target", "class"}};
  run.tags = {{"data_sha256", "cd34"}};
  return run;
}

// RFC 3720, B.4: 32 bytes of zeros have the CRC-32C 8A9136AA, and "123456789" has E3069283.
TEST(TensorBoard, MasksTheCheckSumsOfTheStandardsExamples) {
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U; };
  EXPECT_EQ(masked_crc32c(std::string(32, '\0')), masked(0x8A9136AAU));
  EXPECT_EQ(masked_crc32c("123456789"), masked(0xE3069283U));
}

TEST(TensorBoard, WritesTheBytesOfTheFormat) {
  const TemporaryFolder folder;
  EventFile file(folder.path());
  file.append({2.0, 300, {{"a", 1.0F}}});
  const std::string text = read_file(fs::directory_iterator(folder.path())->path());
  // wall_time 2.0, step 300 as a varint, summary { value { tag "a", simple_value 1.0 } }
  const std::string message(
      "\x09\0\0\0\0\0\0\0\x40\x10\xAC\x02\x2A\x0A\x0A\x08\x0A\x01"
      "a\x15\0\0\x80\x3F",
      24);
  EXPECT_NE(text.find(message), std::string::npos);
  EXPECT_NE(text.find("brain.Event:2"), std::string::npos);
  EXPECT_EQ(text.substr(text.find(message) - 12, 1), std::string(1, '\x18'));
}

TEST(TensorBoard, GoesOnBehindTheLastWholeRecord) {
  const TemporaryFolder folder;
  EventFile(folder.path()).append({1.5, 1, {{"loss", 0.5F}, {"f1", 0.25F}}});
  const fs::path path = fs::directory_iterator(folder.path())->path();
  std::ofstream(path, std::ios::app | std::ios::binary) << "half a record";
  EventFile again(folder.path());
  EXPECT_EQ(again.last_step(), 1);
  again.append({2.5, 2, {{"loss", 0.125F}}});
  const std::vector<Event> events = read_events(path);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].wall_time, 1.5);
  EXPECT_EQ(events[0].scalars, (std::map<std::string, float>{{"loss", 0.5F}, {"f1", 0.25F}}));
  EXPECT_EQ(events[1].step, 2);
  EXPECT_EQ(events[1].scalars.at("loss"), 0.125F);
}

TEST(Mlflow, WritesTheLayoutOfTheFileStore) {
  const TemporaryFolder folder;
  RunRecord run = record(folder / "run");
  run.metrics = metrics(2);
  run.started = 5000;
  const fs::path place = write_mlflow_run(folder / "mlruns", run, Status::finished, 9000);
  const YAML::Node meta = YAML::LoadFile((place / "meta.yaml").string()),
                   experiment = YAML::LoadFile((place.parent_path() / "meta.yaml").string());
  EXPECT_EQ(experiment["name"].as<std::string>(), "heads");
  EXPECT_EQ(experiment["experiment_id"].as<std::string>(), place.parent_path().filename().string());
  EXPECT_EQ(meta["run_id"].as<std::string>(), place.filename().string());
  EXPECT_EQ(meta["run_id"].as<std::string>().size(), 32u);
  EXPECT_EQ(meta["status"].as<int>(), 3);
  EXPECT_EQ(meta["start_time"].as<int>(), 5000);
  EXPECT_EQ(meta["end_time"].as<int>(), 9000);
  EXPECT_EQ(read_file(place / "params/training.rate"), "0.001");
  EXPECT_EQ(read_file(place / "metrics/train_loss"), "1000 1 1\n2000 0.5 2\n");
  EXPECT_EQ(read_file(place / "tags/mlflow.runName"), "first");
  EXPECT_EQ(write_mlflow_run(folder / "mlruns", run, Status::killed, 9500), place);
  std::ofstream(folder / "card.md") << "numbers";
  write_mlflow_artifacts(place, {folder / "card.md", folder / "absent.md"});
  EXPECT_EQ(read_file(place / "artifacts/card.md"), "numbers");
}

/// A server that speaks as much of the API as a run needs, and remembers what it was told.
class TrackingServer {
 public:
  TrackingServer() {
    server_.Post("/base/api/2.0/mlflow/(.*)",
                 [this](const httplib::Request& asked, httplib::Response& answer) {
                   answer.set_content(reply(asked.matches[1], json::parse(asked.body)).dump(),
                                      "application/json");
                 });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TrackingServer() {
    server_.stop();
    thread_.join();
  }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/base/"; }

  std::vector<std::string> calls;
  std::map<std::string, std::string> params;
  std::map<std::pair<std::string, int>, double> logged;
  std::string status;

 private:
  json reply(const std::string& what, const json& body) {
    calls.push_back(what);
    if (what == "experiments/search") return json::object();
    if (what == "experiments/create") return {{"experiment_id", "17"}};
    if (what == "runs/create") {
      EXPECT_EQ(body.at("experiment_id"), "17");
      return {{"run", {{"info", {{"run_id", "run-1"}}}}}};
    }
    EXPECT_EQ(body.at("run_id"), "run-1");
    const auto list = [&](const char* name) { return body.value(name, json::array()); };
    const json given = list("params"), sent = list("metrics");
    for (const json& param : given)
      params[param.at("key").get<std::string>()] = param.at("value").get<std::string>();
    for (const json& metric : sent) {
      const std::pair place(metric.at("key").get<std::string>(), metric.at("step").get<int>());
      EXPECT_TRUE(logged.emplace(place, metric.at("value").get<double>()).second) << "sent twice";
    }
    status = body.value("status", status);
    return json::object();
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(Tracker, TellsAServerEveryNumberOnceAlsoAfterAStop) {
  const TemporaryFolder folder;
  TrackingServer server;
  Places places;
  places.address = server.address();
  const auto warn = [](const Notice& notice) { ADD_FAILURE() << notice.id(); };
  Tracker(record(folder.path()), places, warn).log(metrics(2));
  Tracker again(record(folder.path()), places, warn);
  again.log(metrics(3));
  again.end(Status::finished, {});
  EXPECT_EQ(std::ranges::count(server.calls, "runs/create"), 1);
  EXPECT_EQ(server.params.at("training.rate"), "0.001");
  EXPECT_EQ(server.logged.size(), 6u);
  EXPECT_EQ((server.logged.at({"train_loss", 2})), 0.5);
  EXPECT_EQ(server.status, "FINISHED");
}

TEST(Tracker, WithoutAServerWarnsOnceAndKeepsTheRest) {
  const TemporaryFolder folder;
  Places places;
  places.tensorboard = true;
  places.store = (folder / "mlruns").string();
  places.address = "http://127.0.0.1:1";
  int warnings = 0;
  Tracker tracker(record(folder.path()), places, [&](const Notice& notice) {
    ++warnings;
    EXPECT_EQ(notice.args.at("path"), places.address);
  });
  tracker.log(metrics(1));
  tracker.log(metrics(2));
  tracker.end(Status::failed, {});
  EXPECT_EQ(warnings, 1);
  const auto events = read_events(fs::directory_iterator(folder / "tensorboard")->path());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_FLOAT_EQ(events[1].scalars.at("validation_f1"), 0.7F);
  EXPECT_TRUE(fs::exists(folder / "mlruns"));
}

TEST(Tracker, WithNowhereToWriteLeavesNothing) {
  const TemporaryFolder folder;
  Tracker tracker(record(folder.path()), {}, {});
  tracker.log(metrics(1));
  tracker.end(Status::finished, {});
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace thorax::track
