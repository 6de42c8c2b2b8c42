#include "tune/trials.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/files.h"

namespace thorax::tune {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

[[noreturn]] void differs(const fs::path& path) {
  throw Error("run_differs"_code, {{"path", path.parent_path().string()}});
}

json json_of(const Trial& trial, const std::vector<Dimension>& space) {
  json settings = json::object();
  for (std::size_t i = 0; i < space.size(); ++i)
    settings[space[i].key] = space[i].text(trial.point[i]);
  return {{"trial", trial.number},   {"outcome", to_string(trial.outcome)},
          {"score", trial.score},    {"settings", settings},
          {"point", trial.point},    {"epochs", trial.epochs},
          {"seconds", trial.seconds}};
}

Trial trial_of(const json& line, const std::vector<Dimension>& space, const fs::path& path) {
  Trial trial;
  try {
    trial.number = line.at("trial");
    trial.score = line.at("score");
    trial.point = line.at("point").get<Point>();
    trial.epochs = line.at("epochs").get<std::vector<double>>();
    trial.seconds = line.at("seconds");
    for (const Outcome outcome : {Outcome::complete, Outcome::pruned, Outcome::failed})
      if (line.at("outcome") == to_string(outcome)) trial.outcome = outcome;
    const json& settings = line.at("settings");
    if (trial.point.size() != space.size() || settings.size() != space.size()) differs(path);
    for (std::size_t i = 0; i < space.size(); ++i)
      if (settings.at(space[i].key) != space[i].text(trial.point[i])) differs(path);
  } catch (const json::exception&) {
    differs(path);
  }
  return trial;
}

double best_of(const std::vector<double>& epochs, std::size_t count) {
  return *std::max_element(
      epochs.begin(), epochs.begin() + static_cast<std::ptrdiff_t>(std::min(count, epochs.size())));
}

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::complete:
      return "complete";
    case Outcome::pruned:
      return "pruned";
    case Outcome::failed:
      break;
  }
  return "failed";
}

void append_trial(const fs::path& path, const Trial& trial, const std::vector<Dimension>& space) {
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << json_of(trial, space).dump() + '\n' << std::flush;
  if (!file)
    throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", std::strerror(errno)}});
}

std::vector<Trial> read_trials(const fs::path& path, const std::vector<Dimension>& space) {
  std::vector<Trial> trials;
  if (!fs::exists(path)) return trials;
  const std::string whole = read_file(path);
  const std::size_t end = whole.rfind('\n') == std::string::npos ? 0 : whole.rfind('\n') + 1;
  std::istringstream lines(whole.substr(0, end));
  for (std::string line; std::getline(lines, line);) {
    const json parsed = json::parse(line, nullptr, /*allow_exceptions=*/false);
    trials.push_back(trial_of(parsed, space, path));
  }
  if (end < whole.size()) fs::resize_file(path, end);
  return trials;
}

bool is_hopeless(const std::vector<Trial>& trials, const std::vector<double>& epochs, int warm_up) {
  constexpr std::size_t kFewest = 3;
  if (epochs.size() < static_cast<std::size_t>(std::max(1, warm_up))) return false;
  std::vector<double> reached;
  for (const Trial& trial : trials)
    if (trial.outcome == Outcome::complete && !trial.epochs.empty())
      reached.push_back(best_of(trial.epochs, epochs.size()));
  if (reached.size() < kFewest) return false;
  std::ranges::sort(reached);
  const std::size_t half = reached.size() / 2;
  const double median =
      reached.size() % 2 == 1 ? reached[half] : (reached[half - 1] + reached[half]) / 2;
  return best_of(epochs, epochs.size()) < median;
}

}  // namespace thorax::tune
