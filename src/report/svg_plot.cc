#include "report/svg_plot.h"

#include <array>

#include "report/html_text.h"

namespace thorax::report {
namespace {

constexpr double kLeft = 48, kTop = 8, kSide = 304, kWidth = 368, kHeight = 368;

double across(double share) {
  return kLeft + share * kSide;
}

double down(double share) {
  return kTop + (1 - share) * kSide;
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + style + "\" x1=\"" + coordinate(x1) + "\" y1=\"" +
         coordinate(y1) + "\" x2=\"" + coordinate(x2) + "\" y2=\"" + coordinate(y2) + "\"/>";
}

std::string text(double x, double y, const char* anchor, const std::string& html) {
  return std::string("<text text-anchor=\"") + anchor + "\" x=\"" + coordinate(x) + "\" y=\"" +
         coordinate(y) + "\">" + html + "</text>";
}

const char* dashes(int series) {
  constexpr std::array kPatterns{"none", "6 3", "2 2", "8 3 2 3"};
  return kPatterns[static_cast<std::size_t>(series) % kPatterns.size()];
}

std::string path(const PlotLine& drawn) {
  std::string d, dots;
  for (const auto& [x, y] : drawn.points) {
    d += (d.empty() ? "M" : "L") + coordinate(across(x)) + ' ' + coordinate(down(y));
    if (drawn.dots)
      dots += "<circle class=\"dot\" r=\"3\" cx=\"" + coordinate(across(x)) + "\" cy=\"" +
              coordinate(down(y)) + "\"/>";
  }
  return "<path class=\"curve\" stroke-dasharray=\"" + std::string(dashes(drawn.series)) +
         "\" d=\"" + d + "\"/>" + dots;
}

}  // namespace

std::string share_plot(const std::string& x, const std::string& y,
                       const std::vector<PlotLine>& lines, bool diagonal) {
  std::string svg = "<svg class=\"chart plot\" viewBox=\"0 0 " + coordinate(kWidth) + ' ' +
                    coordinate(kHeight) + "\" role=\"img\">";
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double share = tenth / 10.0;
    svg += line("grid", across(share), down(0), across(share), down(1)) +
           line("grid", across(0), down(share), across(1), down(share)) +
           text(across(share), down(0) + 16, "middle", coordinate(share)) +
           text(across(0) - 6, down(share) + 4, "end", coordinate(share));
  }
  if (diagonal) svg += line("at", across(0), down(0), across(1), down(1));
  for (const PlotLine& drawn : lines) svg += path(drawn);
  return svg + "</svg><figcaption>" + x + " → · ↑ " + y + "</figcaption>";
}

std::string series_sign(int series) {
  return "<svg class=\"chart sample\" viewBox=\"0 0 32 8\" aria-hidden=\"true\"><path "
         "class=\"curve\" stroke-dasharray=\"" +
         std::string(dashes(series)) + "\" d=\"M0 4L32 4\"/></svg>";
}

}  // namespace thorax::report
