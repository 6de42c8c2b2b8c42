#include "track/mlflow_files.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <cstdio>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"

namespace thorax::track {
namespace {

namespace fs = std::filesystem;

void make_folder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    throw Error("cannot_write"_code, {{"path", folder.string()}, {"detail", problem.message()}});
}

/// Eighteen digits, as MLflow numbers experiments.
std::string experiment_id(const std::string& name) {
  const std::string hex = sha256_hex("experiment\n" + name);
  std::string digits = std::to_string(std::stoull(hex.substr(0, 15), nullptr, 16));
  digits.resize(18, '0');
  return digits.front() == '0' ? '1' + digits.substr(1) : digits;
}

int number_of(Status status) {
  switch (status) {  // mlflow.entities.RunStatus
    case Status::running:
      return 1;
    case Status::finished:
      return 3;
    case Status::failed:
      return 4;
    case Status::killed:
      break;
  }
  return 5;
}

std::string uri(const fs::path& folder) {
  return "file://" + fs::absolute(folder).lexically_normal().string();
}

void write_values(const fs::path& folder, const std::map<std::string, std::string>& values) {
  make_folder(folder);
  for (const auto& [key, value] : values) write_file(folder / key, value);
}

void write_metrics(const fs::path& folder, const std::vector<Metric>& metrics) {
  make_folder(folder);
  std::map<std::string, std::string> lines;
  for (const Metric& metric : metrics) {
    std::array<char, 96> line{};
    std::snprintf(line.data(), line.size(), "%lld %.9g %lld\n",
                  static_cast<long long>(metric.milliseconds), metric.value,
                  static_cast<long long>(metric.step));
    lines[metric.name] += line.data();
  }
  for (const auto& [name, text] : lines) write_file(folder / name, text);
}

void write_experiment(const fs::path& folder, const std::string& id, const RunRecord& run) {
  if (fs::exists(folder / "meta.yaml")) return;
  make_folder(folder);
  YAML::Emitter meta;
  meta << YAML::BeginMap << YAML::Key << "artifact_location" << YAML::Value << uri(folder)
       << YAML::Key << "creation_time" << YAML::Value << run.started << YAML::Key << "experiment_id"
       << YAML::Value << YAML::SingleQuoted << id << YAML::Key << "last_update_time" << YAML::Value
       << run.started << YAML::Key << "lifecycle_stage" << YAML::Value << "active" << YAML::Key
       << "name" << YAML::Value << YAML::SingleQuoted << run.experiment << YAML::EndMap;
  write_file(folder / "meta.yaml", std::string(meta.c_str()) + '\n');
}

}  // namespace

fs::path write_mlflow_run(const fs::path& folder, const RunRecord& run, Status status,
                          std::int64_t now) {
  const std::string experiment = experiment_id(run.experiment),
                    id = sha256_hex(run.fingerprint + '\n' + run.folder.string()).substr(0, 32);
  const fs::path home = folder / experiment;
  fs::path place = home / id;
  write_experiment(home, experiment, run);
  make_folder(place / "artifacts");
  YAML::Emitter meta;
  meta << YAML::BeginMap << YAML::Key << "artifact_uri" << YAML::Value << uri(place / "artifacts")
       << YAML::Key << "end_time" << YAML::Value;
  if (status == Status::running)
    meta << YAML::Null;
  else
    meta << now;
  meta << YAML::Key << "entry_point_name" << YAML::Value << YAML::SingleQuoted << "" << YAML::Key
       << "experiment_id" << YAML::Value << YAML::SingleQuoted << experiment << YAML::Key
       << "lifecycle_stage" << YAML::Value << "active" << YAML::Key << "run_id" << YAML::Value
       << YAML::SingleQuoted << id << YAML::Key << "run_name" << YAML::Value << YAML::SingleQuoted
       << run.name << YAML::Key << "run_uuid" << YAML::Value << YAML::SingleQuoted << id
       << YAML::Key << "source_name" << YAML::Value << YAML::SingleQuoted << "" << YAML::Key
       << "source_type" << YAML::Value << 4 << YAML::Key << "source_version" << YAML::Value
       << YAML::SingleQuoted << "" << YAML::Key << "start_time" << YAML::Value << run.started
       << YAML::Key << "status" << YAML::Value << number_of(status) << YAML::Key << "tags"
       << YAML::Value << YAML::Flow << YAML::BeginSeq << YAML::EndSeq << YAML::Key << "user_id"
       << YAML::Value << YAML::SingleQuoted << "" << YAML::EndMap;
  write_values(place / "params", run.params);
  write_metrics(place / "metrics", run.metrics);
  std::map<std::string, std::string> tags = run.tags;
  tags["mlflow.runName"] = run.name;
  write_values(place / "tags", tags);
  write_file(place / "meta.yaml", std::string(meta.c_str()) + '\n');
  return place;
}

void write_mlflow_artifacts(const fs::path& run_folder, const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    if (!fs::exists(file)) continue;
    std::error_code problem;
    fs::copy_file(file, run_folder / "artifacts" / file.filename(),
                  fs::copy_options::overwrite_existing, problem);
    if (problem)
      throw Error("cannot_write"_code,
                  {{"path", (run_folder / "artifacts").string()}, {"detail", problem.message()}});
  }
}

}  // namespace thorax::track
