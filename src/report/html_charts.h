// Small pictures of numbers, as inline SVG. Colours come from the page's style sheet.
#pragma once

#include <string>

#include "report/result.h"

namespace thorax::report {

/// A bar from zero to the value with a tick at the cut-off.
std::string value_bar(double value, double cutoff);

/// A line on which the normal range is drawn thick and the value is a diamond; empty without a
/// range.
std::string range_bar(const Measurement& measurement);

/// Counts by HU with marks at -950 and -910 HU; the part below -950 is filled.
std::string histogram_chart(const Histogram& histogram);

}  // namespace thorax::report
