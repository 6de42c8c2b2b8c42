#include "track/line_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace thorax::track {
namespace {

using testing::HasSubstr;

TEST(LinePlot, GoesFromTheTopLeftToTheBottomRight) {
  const std::string svg = line_plot({{"training", {1.0, 0.5, 0.0}}}, "epoch", "loss");
  // 1 at the top, 0 at the bottom, the epochs evenly between.
  EXPECT_THAT(svg, HasSubstr("M64.00 16.00L344.00 166.00L624.00 316.00"));
  for (const char* tick : {">0.2<", ">0.8<", ">1<", ">3<", ">epoch<", ">loss<", ">training<"})
    EXPECT_THAT(svg, HasSubstr(tick));
}

TEST(LinePlot, LeavesOutWhatIsNoNumberAndDrawsNothingOfNothing) {
  const std::string svg =
      line_plot({{"a<b", {1.0, std::nan(""), 0.0}}, {"c", {}}}, "epoch", "loss");
  EXPECT_THAT(svg, HasSubstr("M64.00 16.00L624.00 316.00"));
  EXPECT_THAT(svg, HasSubstr("a&lt;b"));
  EXPECT_THAT(line_plot({}, "epoch", "loss"), HasSubstr("</svg>"));
  EXPECT_THAT(line_plot({{"one", {0.3}}}, "epoch", "loss"), HasSubstr("M64.00 166.00"));
}

}  // namespace
}  // namespace thorax::track
