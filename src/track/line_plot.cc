#include "track/line_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace thorax::track {
namespace {

constexpr double kLeft = 64, kTop = 16, kWide = 560, kHigh = 300, kWidth = 760, kHeight = 360;
constexpr std::array kDashes{"none", "6 3", "2 2", "8 3 2 3"};

/// Of a place in the picture.
std::string place(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

/// Of a tick.
std::string number(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

/// The names come from the program; a label could be anything.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  return out;
}

std::string text(double x, double y, const char* anchor, const std::string& said) {
  return "<text x=\"" + place(x) + "\" y=\"" + place(y) + "\" text-anchor=\"" + anchor + "\">" +
         escaped(said) + "</text>\n";
}

/// 1, 2 or 5 times a power of ten, so that a range has about five of them.
double round_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 5)));
  for (const double times : {1.0, 2.0, 5.0})
    if (range / (times * power) <= 6) return times * power;
  return 10 * power;
}

struct Axis {
  double low = 0, high = 1;
  double step() const { return round_step(high - low); }
  double share(double value) const { return (value - low) / (high - low); }
};

Axis axis_of(const std::vector<Curve>& curves) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const Curve& curve : curves)
    for (const double value : curve.values)
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  if (!(low <= high)) return {};
  if (low == high) return {low - 1, high + 1};
  const double step = round_step(high - low);
  return {std::floor(low / step) * step, std::ceil(high / step) * step};
}

}  // namespace

std::string line_plot(const std::vector<Curve>& curves, const std::string& across,
                      const std::string& up) {
  std::size_t epochs = 2;
  for (const Curve& curve : curves) epochs = std::max(epochs, curve.values.size());
  const Axis y = axis_of(curves), x{1, static_cast<double>(epochs)};
  const auto right = [&](double value) { return kLeft + x.share(value) * kWide; };
  const auto down = [&](double value) { return kTop + (1 - y.share(value)) * kHigh; };
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + place(kWidth) +
                    ' ' + place(kHeight) +
                    "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" "
                    "height=\"100%\" fill=\"white\"/>\n";
  const auto line = [&](double x1, double y1, double x2, double y2) {
    svg += "<line x1=\"" + place(x1) + "\" y1=\"" + place(y1) + "\" x2=\"" + place(x2) +
           "\" y2=\"" + place(y2) + "\" stroke=\"#ccc\"/>\n";
  };
  for (int i = 0; y.low + i * y.step() <= y.high + y.step() / 2; ++i) {
    const double value = y.low + i * y.step();
    line(kLeft, down(value), kLeft + kWide, down(value));
    svg +=
        text(kLeft - 6, down(value) + 4, "end", number(std::abs(value) < y.step() / 2 ? 0 : value));
  }
  const double step = std::max(1.0, x.step());
  for (double value = 1; value <= x.high; value += value == 1 && step > 1 ? step - 1 : step) {
    line(right(value), kTop, right(value), kTop + kHigh);
    svg += text(right(value), kTop + kHigh + 16, "middle", number(value));
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    std::string path;
    double last = kTop;
    for (std::size_t k = 0; k < curves[i].values.size(); ++k) {
      const double value = curves[i].values[k];
      if (!std::isfinite(value)) continue;
      last = down(value);
      path +=
          (path.empty() ? "M" : "L") + place(right(static_cast<double>(k + 1))) + ' ' + place(last);
    }
    const std::string stroke = std::string(
                                   "\" fill=\"none\" stroke=\"black\" stroke-width=\"1.5\" "
                                   "stroke-dasharray=\"") +
                               kDashes[i % kDashes.size()] + "\"/>\n";
    svg += "<path d=\"" + path + stroke;
    const double legend = kTop + 16 + 20 * static_cast<double>(i);
    svg += "<path d=\"M" + place(kLeft + kWide + 12) + ' ' + place(legend) + "L" +
           place(kLeft + kWide + 44) + ' ' + place(legend) + stroke +
           text(kLeft + kWide + 50, legend + 4, "start", curves[i].name);
  }
  svg += text(kLeft + kWide / 2, kTop + kHigh + 36, "middle", across);
  svg += "<text transform=\"translate(14 " + place(kTop + kHigh / 2) +
         ") rotate(-90)\" text-anchor=\"middle\">" + escaped(up) + "</text>\n";
  return svg + "</svg>\n";
}

}  // namespace thorax::track
