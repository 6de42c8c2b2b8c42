// Numbers by epoch as a picture that every browser shows.
#pragma once

#include <string>
#include <vector>

namespace thorax::track {

struct Curve {
  std::string name;
  std::vector<double> values;  ///< at 1, 2, …; what is no number is left out
};

/// A whole SVG file: the curves, told apart by their dashes, with ticks at round numbers. The same
/// numbers give the same bytes.
std::string line_plot(const std::vector<Curve>& curves, const std::string& across,
                      const std::string& up);

}  // namespace thorax::track
