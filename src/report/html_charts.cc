#include "report/html_charts.h"

#include <algorithm>
#include <cmath>

#include "report/html_text.h"
#include "report/phrases.h"

namespace thorax::report {
namespace {

/// Linear map of [from, to] onto [0, width].
struct Scale {
  double from = 0, to = 1, width = 100;
  double operator()(double value) const {
    return std::clamp((value - from) / (to - from), 0.0, 1.0) * width;
  }
};

std::string attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + coordinate(value) + '"';
}

std::string rect(const char* style, double x, double y, double width, double height) {
  return std::string("<rect class=\"") + style + '"' + attribute("x", x) + attribute("y", y) +
         attribute("width", std::max(0.0, width)) + attribute("height", height) + "/>";
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + style + '"' + attribute("x1", x1) + attribute("y1", y1) +
         attribute("x2", x2) + attribute("y2", y2) + "/>";
}

std::string label(double x, double y, const std::string& text, const char* anchor = "middle") {
  return "<text text-anchor=\"" + std::string(anchor) + '"' + attribute("x", x) +
         attribute("y", y) + '>' + text + "</text>";
}

constexpr const char* kBarOpen =
    "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";

/// Counts of neighbouring bins added up, so that a point of the curve is about `hu` wide.
struct Curve {
  std::vector<double> centres, counts;
};

Curve rebinned(const Histogram& histogram, double hu, double low, double high) {
  const auto step = static_cast<std::size_t>(std::max(1.0, std::round(hu / histogram.bin_hu)));
  Curve curve;
  for (std::size_t i = 0; i + step <= histogram.counts.size(); i += step) {
    const double centre =
        histogram.first_hu +
        (static_cast<double>(i) + static_cast<double>(step) / 2) * histogram.bin_hu;
    if (centre < low || centre > high) continue;
    double sum = 0;
    for (std::size_t k = i; k < i + step; ++k) sum += histogram.counts[k];
    curve.centres.push_back(centre);
    curve.counts.push_back(sum);
  }
  return curve;
}

}  // namespace

std::string value_bar(double value, double cutoff) {
  if (!std::isfinite(value) || !std::isfinite(cutoff)) return {};
  const double low = std::min({0.0, value * 1.15, cutoff * 1.15});
  const double high = std::max({0.0, value * 1.15, cutoff * 2});
  if (high <= low) return {};
  const Scale x{low, high, 100};
  const double zero = x(0), end = x(value);
  return kBarOpen + rect("track", 0, 3, 100, 4) +
         rect("fill", std::min(zero, end), 3, std::abs(end - zero), 4) +
         rect("cut", x(cutoff) - 0.4, 0, 0.8, 10) + "</svg>";
}

std::string range_bar(const Measurement& m) {
  if (!m.normal || !std::isfinite(m.value)) return {};
  const std::optional<double> low = m.normal->low, high = m.normal->high;
  if (!low && !high) return {};
  double from = std::min(low.value_or(std::min(0.0, *(high ? high : low))), m.value);
  double to = std::max(high.value_or(*low * (*low > 0 ? 2 : 0.5)), m.value);
  const double room = (to - from) * 0.15 + 1e-9;
  if (low || from < 0) from -= room;
  to += room;
  const Scale x{from, to, 100};
  const double a = low ? x(*low) : 0, b = high ? x(*high) : 100, at = x(m.value);
  const bool outside = against(*m.normal, m.value) != 0;
  return kBarOpen + rect("track", 0, 4.4, 100, 1.2) + rect("normal", a, 2.6, b - a, 4.8) +
         rect(outside ? "mark out" : "mark", std::clamp(at - 0.9, 0.0, 98.2), 0, 1.8, 10) +
         "</svg>";
}

std::string histogram_chart(const Histogram& histogram) {
  constexpr double kWidth = 640, kHeight = 200, kBase = 172, kTop = 26;
  const Scale x{-1050, 150, kWidth};
  const Curve curve = rebinned(histogram, 4, x.from, x.to);
  const double peak =
      curve.counts.empty() ? 0 : *std::max_element(curve.counts.begin(), curve.counts.end());
  if (peak <= 0) return {};
  const auto path = [&](double limit) {
    std::string d;
    double last = 0;
    for (std::size_t i = 0; i < curve.centres.size() && curve.centres[i] < limit; ++i) {
      last = x(curve.centres[i]);
      d += (d.empty() ? "M" + coordinate(last) + ' ' + coordinate(kBase) + 'L' : "L") +
           coordinate(last) + ' ' + coordinate(kBase - curve.counts[i] / peak * (kBase - kTop));
    }
    return d.empty() ? d : d + 'L' + coordinate(last) + ' ' + coordinate(kBase) + 'Z';
  };
  std::string svg = "<svg class=\"chart\" viewBox=\"0 0 640 200\" aria-hidden=\"true\">";
  svg += "<path class=\"area\" d=\"" + path(1e9) + "\"/>";
  svg += "<path class=\"low\" d=\"" + path(-950) + "\"/>";
  svg += line("axis", 0, kBase, kWidth, kBase);
  for (int hu = -1000; hu <= 100; hu += 100) {
    svg += line("axis", x(hu), kBase, x(hu), kBase + 4);
    if (hu % 200 == 0) svg += label(x(hu), kHeight - 10, number(hu, 0, Language::en));
  }
  svg += label(kWidth - 2, kHeight - 10, "HU", "end");
  svg +=
      line("at", x(-950), kTop - 8, x(-950), kBase) + label(x(-950) - 4, kTop - 10, "−950", "end");
  svg += line("at", x(-910), kTop - 8, x(-910), kBase) +
         label(x(-910) + 4, kTop - 10, "−910", "start");
  return svg + "</svg>";
}

}  // namespace thorax::report
