#include "tune/importance.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace thorax::tune {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double squares(const std::vector<double>& values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return sum;
}

std::vector<std::vector<double>> groups_of(const std::vector<const Trial*>& trials, std::size_t k,
                                           const Dimension& dimension) {
  std::map<std::string, std::vector<double>> by_choice;
  std::vector<std::vector<double>> groups;
  if (!dimension.choices.empty()) {
    for (const Trial* trial : trials)
      by_choice[dimension.text(trial->point[k])].push_back(trial->score);
    for (auto& [choice, scores] : by_choice) groups.push_back(std::move(scores));
    return groups;
  }
  std::vector<const Trial*> sorted = trials;
  std::ranges::stable_sort(sorted, {}, [k](const Trial* trial) { return trial->point[k]; });
  constexpr std::size_t kMostGroups = 4, kFewest = 3;
  const std::size_t count = std::clamp(sorted.size() / kFewest, std::size_t{1}, kMostGroups);
  groups.resize(count);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    groups[i * count / sorted.size()].push_back(sorted[i]->score);
  return groups;
}

}  // namespace

std::vector<double> importance(const std::vector<Trial>& trials,
                               const std::vector<Dimension>& space) {
  std::vector<const Trial*> used;
  std::vector<double> scores;
  for (const Trial& trial : trials) {
    if (trial.outcome == Outcome::failed) continue;
    used.push_back(&trial);
    scores.push_back(trial.score);
  }
  std::vector<double> shares(space.size(), 0);
  if (scores.size() < 2 || squares(scores) == 0) return shares;
  const auto all = static_cast<double>(scores.size());
  for (std::size_t k = 0; k < space.size(); ++k) {
    const auto groups = groups_of(used, k, space[k]);
    const auto count = static_cast<double>(groups.size());
    if (groups.size() < 2 || all <= count) continue;
    double within = 0;
    for (const std::vector<double>& group : groups) within += squares(group);
    shares[k] = std::max(0.0, 1 - within / (all - count) / (squares(scores) / (all - 1)));
  }
  return shares;
}

}  // namespace thorax::tune
