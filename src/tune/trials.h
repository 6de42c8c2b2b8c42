// What was tried and what came of it: a file of one JSON object a line.
#pragma once

#include <filesystem>

#include "tune/space.h"

namespace thorax::tune {

enum class Outcome { complete, pruned, failed };

struct Trial {
  std::int64_t number = 0;  ///< from 1
  Point point;
  double score = 0;            ///< best of its epochs; higher is better
  std::vector<double> epochs;  ///< what was watched, higher is better
  Outcome outcome = Outcome::complete;
  double seconds = 0;
};

const char* to_string(Outcome outcome);

/// Appends a line. Throws Error("cannot_write"_code).
void append_trial(const std::filesystem::path& path, const Trial& trial,
                  const std::vector<Dimension>& space);

/// The trials of a file in their order; none where there is no file. A last line that a kill cut
/// short is taken off. Throws Error("run_differs"_code) when they are of another space.
std::vector<Trial> read_trials(const std::filesystem::path& path,
                               const std::vector<Dimension>& space);

/// Whether a trial with these epochs so far is to be given up: its best is below the median of what
/// the trials that were not pruned had reached by then (Golovin et al., "Google Vizier", KDD 2017,
/// median stopping rule). Never before `warm_up` epochs or three such trials.
bool is_hopeless(const std::vector<Trial>& trials, const std::vector<double>& epochs, int warm_up);

}  // namespace thorax::tune
