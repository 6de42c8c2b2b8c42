// The service as its clients meet it; every answer is held to docs/openapi.json by the client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing_support::Answer;
using testing_support::Client;
using testing_support::TemporaryFolder;

class ApiTest : public testing::Test {
 protected:
  void SetUp() override { start(); }
  void start() {
    service.reset();
    service.emplace(options, testing_support::stub_worker(folder));
    client.emplace(service->port());
  }
  json read(const std::string& content) {
    const json study = client->upload(content);
    client->ended(study["job"]["id"]);
    return client->get("/api/v1/studies/" + study["id"].get<std::string>()).json();
  }
  static std::string code(const Answer& answer) { return answer.json().value("code", ""); }
  /// Folders of reports.
  std::ptrdiff_t reports() const {
    return std::distance(fs::directory_iterator(folder / "data/reports"), {});
  }

  TemporaryFolder folder;
  Options options = testing_support::stub_options(folder);
  std::optional<Service> service;
  std::optional<Client> client;
};

TEST_F(ApiTest, AStudyIsTakenReadAndItsReportHandedOut) {
  const json study = client->upload("sick", "Иванов \"1\".zip");
  EXPECT_EQ(study["name"], "Иванов \"1\".zip");
  EXPECT_EQ(study["bytes"], 4);
  const json job = client->ended(study["job"]["id"]);
  EXPECT_EQ(job["state"], "done");
  EXPECT_EQ(job["percent"], 100);
  const std::string place = "/api/v1/studies/" + study["id"].get<std::string>();
  const json after = client->get(place).json();
  EXPECT_EQ(after["results"][0]["verdict"], "pathology");
  EXPECT_EQ(client->get(place + "/results/1").json()["content"], "sick");
  EXPECT_EQ(client->get(place + "/results/1/report.html").body, "<p>report");
  EXPECT_EQ(client->get(place + "/table.xlsx").body, "XLSX");
  const Answer file = client->get(place + "/file");
  EXPECT_EQ(file.body, "sick");
  EXPECT_THAT(file.header("Content-Disposition"), HasSubstr("attachment; filename*=UTF-8''"));
  const auto picture = client->raw().Get((place + "/results/1/pictures/key-1.png").c_str());
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->body, "PNG");
  EXPECT_EQ(picture->get_header_value("Content-Type"), "image/png");
}

TEST_F(ApiTest, TheBodyItselfCanBeTheFile) {
  const Answer answer = client->post("/api/v1/studies?name=a%2Fb%2Fscan.nii.gz", "volume");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.json()["name"], "scan.nii.gz");
  EXPECT_EQ(answer.header("Location"), "/api/v1/studies/" + answer.json()["id"].get<std::string>());
}

TEST_F(ApiTest, AKnownReportIsNotSentTwice) {
  const json study = read("sick");
  const std::string page =
      "/api/v1/studies/" + study["id"].get<std::string>() + "/results/1/report.html";
  const std::string etag = client->get(page).header("ETag");
  ASSERT_FALSE(etag.empty());
  const auto again = client->raw().Get(page.c_str(), {{"If-None-Match", etag}});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 304);
}

TEST_F(ApiTest, AStudyThatIsRefusedFailsWithItsCodeAndKeepsItsReport) {
  const json study = read("refuse");
  EXPECT_EQ(study["job"]["state"], "failed");
  EXPECT_EQ(study["job"]["failure"]["code"], "NOT_A_CHEST");
  EXPECT_EQ(study["results"][0]["trust"], "unfit");
}

TEST_F(ApiTest, WhateverAWorkerDoesIsThatStudysFailure) {
  EXPECT_EQ(read("crash")["job"]["failure"]["code"], "WORKER_DIED");
  EXPECT_EQ(read("crash")["job"]["failure"]["arguments"]["detail"], "signal 9");
  EXPECT_EQ(read("babble")["job"]["failure"]["code"], "WORKER_DIED");
  EXPECT_EQ(read("nothing")["job"]["failure"]["code"], "NOTHING_TO_READ");
  const json study = read("sick");
  EXPECT_EQ(study["job"]["state"], "done");
  // What the others left is put away after they are said to have ended.
  client->until(study["job"]["id"], [&](const json&) { return reports() == 1; });
}

TEST_F(ApiTest, AWorkerThatTakesTooLongIsEnded) {
  options.job_seconds = 1;
  start();
  EXPECT_EQ(read("hang")["job"]["failure"]["code"], "WORKER_TIMEOUT");
}

TEST_F(ApiTest, ARunningJobIsCancelledAndTriedAgain) {
  const std::string id = client->upload("hang")["job"]["id"];
  client->until(id, [](const json& job) { return job["stage"] == "hanging"; });
  EXPECT_EQ(client->get("/api/v1/jobs/" + id).json()["percent"], 25);
  const Answer early = client->remove("/api/v1/jobs/" + id);
  EXPECT_EQ(early.status, 409);
  EXPECT_EQ(client->post("/api/v1/jobs/" + id + "/cancel").status, 200);
  EXPECT_EQ(client->ended(id)["state"], "cancelled");
  EXPECT_EQ(code(client->post("/api/v1/jobs/" + id + "/cancel")), "WRONG_JOB_STATE");
  EXPECT_EQ(client->post("/api/v1/jobs/" + id + "/retry").json()["state"], "queued");
  client->until(id, [](const json& job) { return job["stage"] == "hanging"; });
  client->post("/api/v1/jobs/" + id + "/cancel");
  client->ended(id);
}

// What the first attempt leaves behind takes a while to put away; meanwhile the second one begins.
// It goes on to be known as running, and can be cancelled.
TEST_F(ApiTest, AttemptsThatOverlapAreToldApart) {
  const std::string id = client->upload("clutter")["job"]["id"];
  const auto hanging = [](const json& job) { return job["stage"] == "hanging"; };
  client->until(id, hanging);
  client->post("/api/v1/jobs/" + id + "/cancel");
  client->ended(id);
  client->post("/api/v1/jobs/" + id + "/retry");
  client->until(id, [&](const json&) { return reports() == 1; });
  client->until(id, hanging);
  client->post("/api/v1/jobs/" + id + "/cancel");
  client->ended(id);
}

TEST_F(ApiTest, AStopHandsBackWhatIsNotFinished) {
  const std::string id = client->upload("hang")["job"]["id"];
  client->until(id, [](const json& job) { return job["stage"] == "hanging"; });
  start();
  const json job = client->until(id, [](const json& now) { return now["stage"] == "hanging"; });
  EXPECT_EQ(job["attempts"], 1);
  client->post("/api/v1/jobs/" + id + "/cancel");
  client->ended(id);
}

TEST_F(ApiTest, WhatIsDeletedIsGone) {
  const json study = read("sick");
  const std::string place = "/api/v1/studies/" + study["id"].get<std::string>();
  EXPECT_EQ(client->remove(place).status, 204);
  EXPECT_EQ(code(client->get(place)), "UNKNOWN_ID");
  EXPECT_EQ(client->remove(place).status, 404);
  EXPECT_TRUE(fs::is_empty(folder / "data/reports"));
  const json other = read("refuse");
  EXPECT_EQ(client->remove("/api/v1/jobs/" + other["job"]["id"].get<std::string>()).status, 204);
  EXPECT_EQ(client->get("/api/v1/studies").json()["total"], 0);
}

TEST_F(ApiTest, ListsAreFilteredAndWrongParametersNamed) {
  read("sick");
  read("refuse");
  EXPECT_EQ(client->get("/api/v1/studies?verdict=pathology&sort=name&limit=1").json()["total"], 1);
  EXPECT_EQ(client->get("/api/v1/studies?state=failed").json()["studies"].size(), 1u);
  EXPECT_EQ(client->get("/api/v1/jobs?state=done").json()["jobs"].size(), 1u);
  for (const char* wrong :
       {"limit=0", "limit=1001", "limit=x", "offset=-1", "state=gone", "sort=x"}) {
    const Answer answer = client->get(std::string("/api/v1/studies?") + wrong);
    EXPECT_EQ(code(answer), "BAD_PARAMETER") << wrong;
    EXPECT_EQ(answer.status, 400);
  }
}

TEST_F(ApiTest, TheSameKeyTakesAFileOnce) {
  const httplib::Headers key{{"Idempotency-Key", "k1"}};
  const Answer first = client->post("/api/v1/studies", "sick", key);
  const Answer again = client->post("/api/v1/studies", "sick", key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(first.json()["id"], again.json()["id"]);
  const Answer other = client->post("/api/v1/studies", "other", key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(code(other), "KEY_REUSED");
}

TEST_F(ApiTest, UploadsAreLimited) {
  options.max_upload = 1000;
  start();
  for (const std::size_t size : {std::size_t(1001), std::size_t(200'000)}) {
    const Answer form = client->post_form("/api/v1/studies", std::string(size, 'x'));
    EXPECT_EQ(form.status, 413) << size;
    EXPECT_EQ(code(form), "UPLOAD_TOO_LARGE");
    EXPECT_EQ(client->post("/api/v1/studies", std::string(size, 'x')).status, 413) << size;
  }
  EXPECT_EQ(client->post_form("/api/v1/studies", std::string(1000, 'x')).status, 201);
  EXPECT_EQ(code(client->post("/api/v1/studies")), "NO_FILE_SENT");
  EXPECT_TRUE(fs::is_empty(folder / "data/files/incoming"));
}

TEST_F(ApiTest, AFullQueueAsksToComeBack) {
  options.queue = 1;
  options.workers = 1;
  start();
  const std::string running = client->upload("hang")["job"]["id"];
  client->until(running, [](const json& job) { return job["state"] == "running"; });
  client->upload("sick");
  const Answer refused = client->post_form("/api/v1/studies", "more");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "10");
  EXPECT_EQ(client->get("/readyz").status, 429);
  client->post("/api/v1/jobs/" + running + "/cancel");
  client->ended(running);
}

TEST_F(ApiTest, AFullDiskRefuses) {
  options.disk_reserve = 1ull << 62;
  start();
  EXPECT_EQ(client->post_form("/api/v1/studies", "sick").status, 507);
  EXPECT_EQ(client->get("/readyz").status, 507);
}

TEST_F(ApiTest, ErrorsSpeakTheLanguageThatIsAsked) {
  const std::string path = "/api/v1/studies/0123";
  EXPECT_THAT(client->get(path).json()["title"], HasSubstr("Nothing here"));
  const Answer russian = client->get(path, {{"Accept-Language", "ru-RU,ru;q=0.9,en;q=0.8"}});
  EXPECT_THAT(russian.json()["title"], HasSubstr("не найдена"));
  EXPECT_EQ(russian.header("Content-Language"), "ru");
}

TEST_F(ApiTest, NothingOutsideAReportIsHandedOut) {
  const json study = read("sick");
  const std::string place = "/api/v1/studies/" + study["id"].get<std::string>() + "/results/1/";
  const std::string report = study["results"][0].contains("folder") ? "" : place;
  fs::create_symlink("/etc/passwd", folder / "data/files/link");
  for (const std::string& path :
       {report + "..%2f..%2f..%2fthorax.db", report + "../../../thorax.db", report + "%2e%2e/x",
        report + "pictures", report + "pictures/", std::string("/..%2fworker.sh"),
        std::string("/reports/..%2f..%2fthorax.db"), std::string("/reports/x.xlsx"),
        std::string("/assets/../../data/thorax.db"), std::string("//etc/passwd")}) {
    const auto answer = client->raw().Get(path.c_str());
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 404) << path;
    EXPECT_EQ(answer->get_header_value("Content-Type"), "application/problem+json") << path;
  }
}

TEST_F(ApiTest, ALinkInAReportIsNotFollowed) {
  const json study = read("sick");
  for (const fs::directory_entry& report : fs::directory_iterator(folder / "data/reports"))
    fs::create_symlink(folder / "worker.sh", report.path() / "study/leak.txt");
  const std::string place = "/api/v1/studies/" + study["id"].get<std::string>() + "/results/1/";
  EXPECT_EQ(client->get(place + "leak.txt").status, 404);
}

TEST_F(ApiTest, OtherSitesPagesAreRefused) {
  const auto status = [&](const httplib::Headers& headers) {
    return client->post("/api/v1/studies", "sick", headers).status;
  };
  const std::string here = "127.0.0.1:" + std::to_string(service->port());
  EXPECT_EQ(status({{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(status({{"Origin", "null"}}), 403);
  EXPECT_EQ(status({{"Origin", "http://" + here}}), 201);
  const auto rebound = client->raw().Get("/api/v1/studies", {{"Host", "evil.example"}});
  ASSERT_TRUE(rebound);
  EXPECT_EQ(rebound->status, 403);
}

TEST_F(ApiTest, EveryAnswerCarriesItsSecurityHeaders) {
  const json study = read("sick");
  const std::string report =
      "/api/v1/studies/" + study["id"].get<std::string>() + "/results/1/report.html";
  for (const std::string& path :
       {std::string("/healthz"), std::string("/api/v1/nowhere"), report}) {
    const auto answer = client->raw().Get(path.c_str());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer->get_header_value("X-Frame-Options"), "DENY") << path;
    EXPECT_EQ(answer->get_header_value_count("Content-Security-Policy"), 1u) << path;
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"),
                HasSubstr("default-src 'none'"));
    EXPECT_THAT(answer->get_header_value("Content-Security-Policy"), Not(HasSubstr("unsafe-eval")));
  }
  EXPECT_THAT(client->get(report).header("Content-Security-Policy"), HasSubstr("sandbox"));
}

TEST_F(ApiTest, ThePageIsServedAndItsAbsenceIsSaid) {
  const auto page = [&] { return client->raw().Get("/"); };
  EXPECT_EQ(json::parse(page()->body)["code"], "PAGE_MISSING");
  folder.write("page/index.html", "<!doctype html><title>Thorax</title>");
  EXPECT_EQ(page()->status, 200);
  EXPECT_EQ(page()->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page()->get_header_value("Content-Security-Policy"), HasSubstr("script-src 'self';"));
}

TEST_F(ApiTest, ScriptsOfEarlierServicesGoOnWorking) {
  EXPECT_EQ(client->get("/health").json(), (json{{"ok", true}}));
  const Answer failed = client->post_form("/analyze", "crash");
  EXPECT_EQ(failed.status, 500);
  EXPECT_THAT(failed.json()["detail"]["error"], HasSubstr("WORKER_DIED"));
  EXPECT_EQ(client->post_form("/predict", "nothing").status, 500);
  const Answer empty = client->post("/analyze");
  EXPECT_EQ(empty.status, 400);
  EXPECT_TRUE(empty.json()["detail"].is_string());
  const json study = read("sick");
  const std::string table = "/reports/" + study["job"]["id"].get<std::string>() + ".xlsx";
  EXPECT_EQ(client->get(table).body, "XLSX");
}

TEST_F(ApiTest, MetricsCountWhatHappened) {
  read("sick");
  read("crash");
  std::string metrics;
  // A job is counted a moment after it has ended.
  do metrics = client->get("/metrics").body;
  while (metrics.find("thorax_job_seconds_count 2\n") == std::string::npos);
  EXPECT_THAT(metrics, HasSubstr("thorax_jobs_ended_total{state=\"done\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("thorax_jobs_ended_total{state=\"failed\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("thorax_errors_total{code=\"WORKER_DIED\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("thorax_uploads_bytes_total 9\n"));
  EXPECT_THAT(metrics, HasSubstr("thorax_jobs{state=\"queued\"} 0\n"));
  EXPECT_THAT(metrics, HasSubstr("thorax_stage_seconds_sum{stage=\"read\"} 0.25\n"));
  const json status = client->get("/api/v1/status").json();
  EXPECT_EQ(status["jobs"]["done"], 1);
  EXPECT_EQ(client->get("/healthz").json()["status"], "ok");
  EXPECT_EQ(client->get("/readyz").json()["status"], "ready");
  EXPECT_EQ(client->get("/api/v1/openapi.json").json()["openapi"], "3.1.0");
}

TEST(ServiceTest, APortThatIsTakenIsNamed) {
  const TemporaryFolder folder, second;
  Options options = testing_support::stub_options(folder);
  const Service first(options, {{"/bin/true"}});
  options = testing_support::stub_options(second);
  options.port = first.port();
  try {
    Service(options, {{"/bin/true"}});
    ADD_FAILURE() << "two services on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "cannot_listen"_code);
  }
}

}  // namespace
}  // namespace thorax::serve
