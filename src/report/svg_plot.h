// A plot of shares against shares, as SVG.
#pragma once

#include <string>
#include <vector>

namespace thorax::report {

struct PlotLine {
  std::vector<std::pair<double, double>> points;  ///< both in [0, 1]
  int series = 0;  ///< the dash pattern, so that colour is not needed
  bool dots = false;
};

/// A square from (0, 0) at the bottom left to (1, 1). `x` and `y` name the axes (HTML). The dotted
/// diagonal shows what chance or perfect calibration would give, as the plot has it.
std::string share_plot(const std::string& x, const std::string& y,
                       const std::vector<PlotLine>& lines, bool diagonal);

/// The dash pattern of a series, as the plot draws it, for a legend.
std::string series_sign(int series);

}  // namespace thorax::report
