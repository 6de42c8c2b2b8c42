// Can everything be read? Contrast of the colours in the style sheet, by WCAG 2.1.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "report/html_style.h"
#include "report/overlay.h"

namespace thorax::report {
namespace {

// WCAG 2.1, 1.4.3 (text, level AA) and 1.4.11 (graphics that carry meaning).
constexpr double kText = 4.5, kGraphics = 3.0;

/// Relative luminance of "#rgb" or "#rrggbb": WCAG 2.1, definition of relative luminance.
double luminance(const std::string& colour) {
  const std::string hex = colour.size() == 4 ? std::string{colour[1], colour[1], colour[2],
                                                           colour[2], colour[3], colour[3]}
                                             : colour.substr(1, 6);
  const auto linear = [&](std::size_t at) {
    const double c = std::stoi(hex.substr(at, 2), nullptr, 16) / 255.0;
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(0) + 0.7152 * linear(2) + 0.0722 * linear(4);
}

double contrast(const std::string& a, const std::string& b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

using Theme = std::map<std::string, std::string>;

/// The colours of each :root block: on a light screen, on a dark one, on paper.
std::vector<Theme> themes() {
  static const std::regex block(R"(:root\{([^}]*)\})"), colour(R"(--([a-z-]+):(#[0-9a-f]+))");
  const std::string style = kStyle;
  std::vector<Theme> all;
  for (std::sregex_iterator it(style.begin(), style.end(), block), end; it != end; ++it) {
    const std::string body = (*it)[1];
    Theme theme;
    for (std::sregex_iterator c(body.begin(), body.end(), colour); c != end; ++c)
      theme[(*c)[1]] = (*c)[2];
    all.push_back(theme);
  }
  return all;
}

TEST(Contrast, IsComputedAsWcagDoes) {
  EXPECT_NEAR(contrast("#000", "#ffffff"), 21, 1e-9);
  EXPECT_NEAR(contrast("#777777", "#fff"), 4.48, 0.005);  // the well-known grey that just fails
}

TEST(Contrast, TextAndSignsCanBeReadOnEveryGround) {
  const std::vector<Theme> all = themes();
  ASSERT_EQ(all.size(), 3u) << "light, dark, print";
  for (const Theme& theme : all) {
    SCOPED_TRACE("text " + theme.at("text"));
    for (const char* ground : {"bg", "panel"})
      for (const char* ink : {"text", "muted", "accent"})
        EXPECT_GE(contrast(theme.at(ink), theme.at(ground)), kText) << ink << " on " << ground;
    EXPECT_GE(contrast(theme.at("on-accent"), theme.at("accent")), kText);
    for (const char* mark : {"accent", "text", "muted"})
      EXPECT_GE(contrast(theme.at(mark), theme.at("soft")), kGraphics) << mark << " in a bar";
    EXPECT_GE(contrast(theme.at("accent"), theme.at("line")), kGraphics) << "in the histogram";
  }
}

// A new pair of colours must be looked at above.
TEST(Contrast, NoOtherColoursAreUsedForText) {
  const std::set<std::string> known = {"var(--text)",      "var(--muted)", "var(--accent)",
                                       "var(--on-accent)", "inherit",      "#555"};
  static const std::regex ink(R"([{;\n]color:([^;}]+))"), ground(R"(background:([^;}]+))");
  const std::string style = kStyle;
  for (std::sregex_iterator it(style.begin(), style.end(), ink), end; it != end; ++it)
    EXPECT_TRUE(known.contains((*it)[1])) << (*it)[1];
  const std::set<std::string> grounds = {"var(--bg)", "var(--panel)", "var(--accent)", "#000"};
  for (std::sregex_iterator it(style.begin(), style.end(), ground), end; it != end; ++it)
    EXPECT_TRUE(grounds.contains((*it)[1])) << (*it)[1];
  EXPECT_GE(contrast("#555", "#fff"), kText) << "the page margins on paper";
}

TEST(Contrast, TagsOfMarksCanBeReadOnBlack) {
  for (int mark = 0; mark <= static_cast<int>(Mark::aortic_calcification); ++mark)
    EXPECT_GE(contrast(style(static_cast<Mark>(mark)).legend.colour, "#000"), kText) << mark;
  EXPECT_GE(contrast(lesion_legend("anything else").colour, "#000"), kText);
}

}  // namespace
}  // namespace thorax::report
