#include "pipeline/tune.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "learn/stopping.h"
#include "pipeline/training_run.h"
#include "tune/report.h"
#include "tune/searcher.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;
using tune::Outcome;
using tune::Trial;

using TrialSettings = std::vector<std::pair<std::string, std::string>>;

std::string padded(std::int64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%04lld", static_cast<long long>(number));
  return text.data();
}

class Search {
 public:
  Search(const learn::Options& options, const Options& program, const Configure& configure,
         const Progress& progress)
      : options_(options),
        program_(program),
        configure_(configure),
        progress_(progress),
        folder_(options.run.folder),
        space_(tune::read_space(object_option("search.parameters", options.search.parameters))) {}

  TuningRun go(const std::function<void(const Trial&)>& trial_done) {
    fs::create_directories(folder_);
    const fs::path table = folder_ / "trials.jsonl";
    trials_ = tune::read_trials(table, space_);
    const std::unique_ptr<tune::Searcher> searcher =
        tune::make_searcher(space_, options_.search.seed);
    // The searcher is told again what it was told, so that it asks what it would have asked.
    for (const Trial& trial : trials_) {
      if (searcher->next() != trial.point)
        throw Error("run_differs"_code, {{"path", folder_.string()}});
      searcher->tell(trial.score);
    }
    while (trials_.size() < static_cast<std::size_t>(options_.search.trials)) {
      Trial trial;
      trial.number = static_cast<std::int64_t>(trials_.size()) + 1;
      trial.point = searcher->next();
      attempt(trial);
      tune::append_trial(table, trial, space_);
      searcher->tell(trial.score);
      trials_.push_back(trial);
      if (trial_done) trial_done(trial);
    }
    return {trials_, tune::write_report(folder_, trials_, space_, options_.training.watch)};
  }

 private:
  TrialSettings settings_of(const Trial& trial) const {
    TrialSettings settings{{"run.folder", (folder_ / "trials" / padded(trial.number)).string()}};
    for (std::size_t i = 0; i < space_.size(); ++i)
      settings.emplace_back(space_[i].key, space_[i].text(trial.point[i]));
    return settings;
  }

  void attempt(Trial& trial) {
    const Stopwatch watch;
    const double all = options_.search.trials, done = static_cast<double>(trials_.size());
    try {
      const auto [training, yaml] = configure_(settings_of(trial));
      const TrainingRun run = train(
          training, yaml, program_,
          [&](const std::vector<learn::EpochRow>& rows) {
            trial.epochs = merits(rows);
            if (!options_.search.prune ||
                !tune::is_hopeless(trials_, trial.epochs, options_.search.warm_up))
              return;
            trial.outcome = Outcome::pruned;
            throw Error("cancelled"_code);  // ends training as the user's Ctrl-C does
          },
          progress_.part(done / all, (done + 1) / all));
      trial.epochs = merits(run.rows);
    } catch (const Error& error) {
      if (trial.outcome != Outcome::pruned) fail(trial, error);
    }
    trial.seconds = watch.seconds();
    trial.score = score(trial);
  }

  std::vector<double> merits(const std::vector<learn::EpochRow>& rows) const {
    constexpr double kLowest = -1e9;  // the table and the searcher know finite scores alone
    std::vector<double> merits;
    for (const learn::EpochRow& row : rows)
      merits.push_back(std::max(kLowest, learn::merit(row, options_.training.watch)));
    return merits;
  }

  void fail(Trial& trial, const Error& error) const {
    if (error.code() == "cancelled"_code || trials_.empty()) throw Error(error);
    log::warning("trial " + std::to_string(trial.number) + ": " +
                 error.notice().what(Language::en));
    trial.outcome = Outcome::failed;
    trial.epochs.clear();
  }

  /// The best of its epochs; of a failed trial the worst that there was.
  double score(const Trial& trial) const {
    if (!trial.epochs.empty()) return std::ranges::max(trial.epochs);
    return std::ranges::min(trials_, {}, &Trial::score).score;
  }

  const learn::Options& options_;
  const Options& program_;
  const Configure& configure_;
  const Progress progress_;
  const fs::path folder_;
  const std::vector<tune::Dimension> space_;
  std::vector<Trial> trials_;
};

}  // namespace

TuningRun tune_training(const learn::Options& options, const Options& program,
                        const Configure& configure,
                        const std::function<void(const Trial&)>& trial_done,
                        const Progress& progress) {
  return Search(options, program, configure, progress).go(trial_done);
}

}  // namespace thorax::pipeline
