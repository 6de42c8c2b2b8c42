#include "serve/projection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace thorax::serve {
namespace {

/// Points of an ellipse around (3, 1, …) with known axes in ten dimensions.
std::vector<float> ellipse(double a, double b) {
  std::vector<float> rows;
  for (int i = 0; i < 360; ++i) {
    const double angle = i * 3.14159265358979 / 180;
    std::vector<float> row(10, 1);
    row[0] = static_cast<float>(3 + 0.6 * a * std::cos(angle));
    row[3] = static_cast<float>(1 + 0.8 * a * std::cos(angle));
    row[7] = static_cast<float>(1 - b * std::sin(angle));
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

TEST(ProjectionTest, FindsTheAxesOfAnEllipse) {
  const Projection plane = principal_plane(ellipse(5, 2), 10);
  ASSERT_EQ(plane.points.size(), 360u);
  for (std::size_t i = 0; i < 360; ++i) {
    const double angle = static_cast<double>(i) * 3.14159265358979 / 180;
    EXPECT_NEAR(plane.points[i][0], 5 * std::cos(angle), 1e-4) << "its loadings are 0.6 and 0.8";
    EXPECT_NEAR(plane.points[i][1], -2 * std::sin(angle), 1e-4) << "its loading is positive";
  }
  EXPECT_NEAR(plane.explained[0], 25.0 / 29, 1e-6);
  EXPECT_NEAR(plane.explained[1], 4.0 / 29, 1e-6);
}

TEST(ProjectionTest, TheSameRowsGiveTheSameNumbers) {
  const auto rows = ellipse(3, 2.9);
  EXPECT_EQ(principal_plane(rows, 10).points, principal_plane(rows, 10).points);
}

TEST(ProjectionTest, AlikeOneNoneAndBrokenRows) {
  EXPECT_TRUE(principal_plane({}, 10).points.empty());
  const Projection alike = principal_plane(std::vector<float>(40, 2), 10);
  ASSERT_EQ(alike.points.size(), 4u);
  EXPECT_EQ(alike.points[3], (std::array<double, 2>{0, 0}));
  EXPECT_EQ(alike.explained[0], 0);
  const Projection narrow = principal_plane(std::vector<float>{1, 2, 4}, 1);
  EXPECT_NEAR(narrow.points[2][0], 4 - 7.0 / 3, 1e-9);
  EXPECT_NEAR(narrow.explained[0], 1, 1e-9);
  std::vector<float> broken = ellipse(5, 2);
  broken[5] = std::numeric_limits<float>::quiet_NaN();
  const Projection rest = principal_plane(broken, 10);
  EXPECT_EQ(rest.points[0], (std::array<double, 2>{0, 0}));
  EXPECT_NEAR(rest.points[180][0], -5, 0.1);
}

}  // namespace
}  // namespace thorax::serve
