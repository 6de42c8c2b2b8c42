// Trains many times, each time with other settings, and says which are best.
#pragma once

#include "pipeline/train.h"
#include "tune/trials.h"

namespace thorax::pipeline {

/// The options and their text for a trial: `settings` by key, on top of all others.
using Configure = std::function<std::pair<learn::Options, std::string>(
    const std::vector<std::pair<std::string, std::string>>& settings)>;

struct TuningRun {
  std::vector<tune::Trial> trials;
  std::filesystem::path report;
};

/// As `options.search` says, in options.run.folder: trials.jsonl (one line a trial), trials/NUMBER
/// (the run of each), best.yaml (the best trial's settings, to train with), report.md and
/// report.html. What is watched (training.watch) of the best epoch is the score. A search that was
/// stopped goes on where it was, with the result of one that was not. A trial that fails is a
/// failed trial. Throws Error: bad_option, run_differs, cannot_write, cancelled, and what the first
/// trial throws.
TuningRun tune_training(const learn::Options& options, const Options& program,
                        const Configure& configure,
                        const std::function<void(const tune::Trial&)>& trial_done,
                        const Progress& progress);

}  // namespace thorax::pipeline
