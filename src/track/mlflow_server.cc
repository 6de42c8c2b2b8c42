#include "track/mlflow_server.h"

#include <httplib.h>

#include "base/error.h"

namespace thorax::track {
namespace {

using nlohmann::json;

constexpr int kSeconds = 5;
// Limits of the API.
constexpr std::size_t kMostMetrics = 1000, kMostParams = 100, kLongestParam = 500;

const char* name_of(Status status) {
  switch (status) {
    case Status::running:
      return "RUNNING";
    case Status::finished:
      return "FINISHED";
    case Status::failed:
      return "FAILED";
    case Status::killed:
      break;
  }
  return "KILLED";
}

}  // namespace

MlflowServer::MlflowServer(std::string address) : address_(std::move(address)) {
  while (address_.ends_with('/')) address_.pop_back();
  const std::size_t host = address_.find("://");
  const std::size_t path = address_.find('/', host == std::string::npos ? 0 : host + 3);
  origin_ = address_.substr(0, path);
  prefix_ = (path == std::string::npos ? "" : address_.substr(path)) + "/api/2.0/mlflow/";
}

json MlflowServer::call(const std::string& what, const json& body) {
  const auto fail = [&](const std::string& detail) {
    throw Error("cannot_write"_code, {{"path", address_}, {"detail", what + ": " + detail}});
  };
  httplib::Client client(origin_);
  if (!client.is_valid()) fail("no address of a server");
  client.set_connection_timeout(kSeconds);
  client.set_read_timeout(kSeconds);
  client.set_write_timeout(kSeconds);
  const httplib::Result answer = client.Post(prefix_ + what, body.dump(), "application/json");
  if (!answer) fail(httplib::to_string(answer.error()));
  json said = json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  if (answer->status == 200 && said.is_object()) return said;
  std::string detail = "HTTP " + std::to_string(answer->status);
  if (said.is_object()) detail += ' ' + said.value("message", "");
  fail(detail);
  return {};
}

std::string MlflowServer::experiment(const std::string& name) {
  // "search" is asked first: get-by-name answers with an error where there is none.
  std::string quoted;
  for (const char c : name) quoted += c == '\'' ? '_' : c;
  const json found =
      call("experiments/search", {{"max_results", 1}, {"filter", "name = '" + quoted + "'"}});
  if (found.contains("experiments") && !found.at("experiments").empty())
    return found.at("experiments").at(0).value("experiment_id", "");
  return call("experiments/create", {{"name", quoted}}).value("experiment_id", "");
}

std::string MlflowServer::begin(const RunRecord& run) {
  json tags = json::array({{{"key", "mlflow.runName"}, {"value", run.name}}});
  for (const auto& [key, value] : run.tags) tags.push_back({{"key", key}, {"value", value}});
  const json made = call("runs/create", {{"experiment_id", experiment(run.experiment)},
                                         {"run_name", run.name},
                                         {"start_time", run.started},
                                         {"tags", tags}});
  const json info = made.value("run", json::object()).value("info", json::object());
  std::string id = info.value("run_id", "");
  if (id.empty())
    throw Error("cannot_write"_code, {{"path", address_}, {"detail", "runs/create: no run_id"}});
  json params = json::array();
  const auto send = [&] {
    if (!params.empty()) call("runs/log-batch", {{"run_id", id}, {"params", params}});
    params = json::array();
  };
  for (const auto& [key, value] : run.params) {
    params.push_back({{"key", key}, {"value", value.substr(0, kLongestParam)}});
    if (params.size() == kMostParams) send();
  }
  send();
  return id;
}

void MlflowServer::log(const std::string& run, const std::vector<Metric>& metrics) {
  for (std::size_t first = 0; first < metrics.size(); first += kMostMetrics) {
    json batch = json::array();
    for (std::size_t i = first; i < std::min(first + kMostMetrics, metrics.size()); ++i)
      batch.push_back({{"key", metrics[i].name},
                       {"value", metrics[i].value},
                       {"timestamp", metrics[i].milliseconds},
                       {"step", metrics[i].step}});
    call("runs/log-batch", {{"run_id", run}, {"metrics", batch}});
  }
}

void MlflowServer::end(const std::string& run, Status status, std::int64_t now) {
  call("runs/update", {{"run_id", run}, {"status", name_of(status)}, {"end_time", now}});
}

}  // namespace thorax::track
