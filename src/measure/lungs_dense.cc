#include "measure/lungs_dense.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "measure/lungs_grow.h"
#include "volume/components.h"
#include "volume/morphology.h"

namespace thorax::measure {
namespace {

constexpr float kNone = std::numeric_limits<float>::infinity();

/// A height map with two axes.
struct Surface {
  int rows, columns;
  std::vector<float> height;
  Surface(int r, int c)
      : rows(r),
        columns(c),
        height(static_cast<std::size_t>(r) * static_cast<std::size_t>(c), kNone) {}
  float& at(int r, int c) {
    return height[static_cast<std::size_t>(r) * static_cast<std::size_t>(columns) +
                  static_cast<std::size_t>(c)];
  }
  float at(int r, int c) const { return const_cast<Surface*>(this)->at(r, c); }
  bool contains(int r, int c) const { return r >= 0 && c >= 0 && r < rows && c < columns; }
};

/// Grey opening with line segments of `reach` rows to both sides, one for each slant (columns a
/// row): the highest surface that such segments can reach from below. Beyond the map counts as
/// unknown and does not lower it.
Surface open_along_rows(const Surface& in, int reach, const std::vector<double>& slants) {
  Surface out(in.rows, in.columns);
  std::fill(out.height.begin(), out.height.end(), -kNone);
  for (const double slant : slants) {
    Surface low(in.rows, in.columns);
    const auto column = [&](int c, int k) { return c + static_cast<int>(std::lround(slant * k)); };
    for (int r = 0; r < in.rows; ++r)
      for (int c = 0; c < in.columns; ++c) {
        float v = kNone;
        for (int k = -reach; k <= reach; ++k)
          if (in.contains(r + k, column(c, k))) v = std::min(v, in.at(r + k, column(c, k)));
        low.at(r, c) = v;
      }
    for (int r = 0; r < in.rows; ++r)
      for (int c = 0; c < in.columns; ++c)
        for (int k = -reach; k <= reach; ++k)
          if (low.contains(r + k, column(c, k)))
            out.at(r, c) = std::max(out.at(r, c), low.at(r + k, column(c, k)));
  }
  return out;
}

/// Grey opening with a bowl of `curve_mm` radius at its top, cut off `reach_mm` from the axis: what
/// is left is nowhere curved more than that (Sternberg, Biomedical Image Processing, 1983). Rows
/// and columns are `row_mm` and `column_mm` apart, heights in mm.
Surface open_with_bowl(const Surface& in, double row_mm, double column_mm, double reach_mm,
                       double curve_mm) {
  struct Step {
    int row, column;
    float drop;
  };
  std::vector<Step> bowl;
  const int rows = static_cast<int>(reach_mm / row_mm);
  const int columns = static_cast<int>(reach_mm / column_mm);
  for (int r = -rows; r <= rows; ++r)
    for (int c = -columns; c <= columns; ++c) {
      const double d = std::hypot(r * row_mm, c * column_mm);
      if (d <= reach_mm) bowl.push_back({r, c, static_cast<float>(d * d / (2 * curve_mm))});
    }
  const auto sweep = [&](const Surface& from, bool lowest) {
    Surface to(from.rows, from.columns);
    for (int r = 0; r < from.rows; ++r)
      for (int c = 0; c < from.columns; ++c) {
        float v = lowest ? kNone : -kNone;
        for (const Step& step : bowl) {
          if (!from.contains(r + step.row, c + step.column)) continue;
          const float h = from.at(r + step.row, c + step.column);
          v = lowest ? std::min(v, h + step.drop) : std::max(v, h - step.drop);
        }
        to.at(r, c) = v;
      }
    return to;
  };
  return sweep(sweep(in, true), false);
}

class DenseFinder {
 public:
  explicit DenseFinder(const CoarseChest& chest)
      : chest_(chest), air_(chest.air), cage_(chest.cage), grid_(chest.air.grid()) {}

  void add_side(std::uint8_t side, volume::Labels& out) const {
    const Surface medial = mediastinum(side), visible = lowest_air(side);
    Surface floor = floor_under(visible, kBowlReachMm, kBowlCurveMm);
    volume::Labels lumps = lumps_above(floor, medial, visible, side);
    // A bowl that fits under any dome rises into what lies on a flat one. Where disease is seen to
    // lie on the floor, a flatter bowl loses less of it.
    const std::vector<float> covered = columns_under(lumps);
    if (*std::max_element(covered.begin(), covered.end()) > 0) {
      const Surface flat = floor_under(visible, kFlatReachMm, kFlatCurveMm);
      for (std::size_t i = 0; i < covered.size(); ++i)
        if (covered[i] > 0 && std::isfinite(flat.height[i]) && flat.height[i] < floor.height[i])
          floor.height[i] -= covered[i] * (floor.height[i] - flat.height[i]);
      lumps = lumps_above(floor, medial, visible, side);
    }
    for (std::size_t i = 0; i < lumps.size(); ++i)
      if (lumps[i] && !out[i]) out[i] = side;
  }

 private:
  static constexpr double kMarginMm = 4;
  static constexpr double kBowlReachMm = 50, kBowlCurveMm = 45;
  static constexpr double kFlatReachMm = 60, kFlatCurveMm = 90;
  static constexpr double kSpineMm = 22;  ///< half the width of a vertebra

  Surface floor_under(const Surface& visible, double reach_mm, double curve_mm) const {
    return open_with_bowl(visible, grid_.spacing.y, grid_.spacing.x, reach_mm, curve_mm);
  }

  /// Dense lumps between the floor, the mediastinum and the ribs.
  volume::Labels lumps_above(const Surface& floor, const Surface& medial, const Surface& visible,
                             std::uint8_t side) const {
    const int beside = beside_dome(visible, floor);
    volume::Mask core(grid_), open(grid_);
    for (int z = 0; z < grid_.shape.z; ++z)
      for (int y = 0; y < grid_.shape.y; ++y) {
        auto face = static_cast<double>(medial.at(z, y));
        if (z < beside && y > cage_.axis_y())
          face = std::min(face, side_of_dome(z, y, side, visible, floor));
        const double mediastinal = std::max(kSpineMm, face);
        for (int x = 0; x < grid_.shape.x; ++x) {
          if (!is_dense(z, y, x)) continue;
          // How far from the nearest bounding surface, all of them.
          const double inside = std::min({lateral(x, side) - mediastinal,
                                          z * grid_.spacing.z - static_cast<double>(floor.at(y, x)),
                                          cage_.depth(z, y, x)});
          core(z, y, x) = inside > kMarginMm;
          open(z, y, x) = inside > 1;
        }
      }
    return thick_lumps(core, open, side);
  }

  /// By row and column of the grid, how far the lumps above have to be taken for lying on the
  /// floor: from 0 (small ones hardly lift the bowl) to 1.
  std::vector<float> columns_under(const volume::Labels& lumps) const {
    constexpr double kNoneMl = 10, kAllMl = 80;
    std::vector<float> columns(
        static_cast<std::size_t>(grid_.shape.y) * static_cast<std::size_t>(grid_.shape.x), 0);
    const volume::Components parts = volume::connected_components(lumps);
    for (std::size_t i = 0; i < lumps.size(); ++i) {
      if (!lumps[i]) continue;
      const auto& part = parts.components[static_cast<std::size_t>(parts.labels[i]) - 1];
      const double ml = static_cast<double>(part.voxels) * grid_.voxel_ml();
      const double share = std::clamp((ml - kNoneMl) / (kAllMl - kNoneMl), 0.0, 1.0);
      float& column = columns[i % columns.size()];
      column = std::max(column, static_cast<float>(share));
    }
    return columns;
  }

  double lateral(int x, std::uint8_t side) const {
    const double mm = (x - cage_.axis_x()) * grid_.spacing.x;
    return side == kLeftLung ? mm : -mm;
  }

  /// Soft tissue or fluid, not fat and not bone.
  bool is_dense(int z, int y, int x) const {
    const int hu = chest_.hu(z, y, x);
    return !air_(z, y, x) && hu > -30 && hu < 200 && chest_.body(z, y, x) &&
           !chest_.airways(z, y, x);
  }

  /// Distance from the midline to the first lung air of a row, by slice and row, opened.
  Surface mediastinum(std::uint8_t side) const {
    constexpr double kBumpMm = 70;
    Surface out(grid_.shape.z, grid_.shape.y);
    for (int z = 0; z < grid_.shape.z; ++z)
      for (int y = 0; y < grid_.shape.y; ++y)
        for (int x = 0; x < grid_.shape.x; ++x)
          if (air_(z, y, x) == side)
            out.at(z, y) = std::min(out.at(z, y), static_cast<float>(lateral(x, side)));
    // A row outside the cage holds no mediastinum either, and must not carry a bump to its end.
    for (int z = 0; z < grid_.shape.z; ++z)
      for (int y = 0; y < grid_.shape.y; ++y) {
        bool inside = out.at(z, y) < kNone;
        for (int x = 0; x < grid_.shape.x && !inside; ++x)
          inside = lateral(x, side) > kSpineMm && cage_.may_hold(z, y, x);
        if (!inside) out.at(z, y) = 0;
      }
    const double ratio = grid_.spacing.z / grid_.spacing.y;
    return open_along_rows(out, static_cast<int>(kBumpMm / 2 / grid_.spacing.z),
                           {-0.5 * ratio, -0.25 * ratio, 0, 0.25 * ratio, 0.5 * ratio});
  }

  /// Height of the lowest lung air of a column, by row and column; mm from slice 0.
  Surface lowest_air(std::uint8_t side) const {
    Surface out(grid_.shape.y, grid_.shape.x);
    for (int z = grid_.shape.z - 1; z >= 0; --z)
      for (int y = 0; y < grid_.shape.y; ++y)
        for (int x = 0; x < grid_.shape.x; ++x)
          if (air_(z, y, x) == side) out.at(y, x) = static_cast<float>(z * grid_.spacing.z);
    for (int y = 0; y < grid_.shape.y; ++y)
      for (int x = 0; x < grid_.shape.x; ++x) {
        bool inside = false;
        for (int z = 0; z < grid_.shape.z && !inside; ++z) inside = cage_.may_hold(z, y, x);
        if (!inside) out.at(y, x) = -kNone;
      }
    return out;
  }

  /// The slice below which lung lies beside the dome rather than above it: the dome's top, as the
  /// 80th percentile of the heights of the floor under lung, behind the middle of the chest.
  int beside_dome(const Surface& visible, const Surface& floor) const {
    std::vector<float> heights;
    for (int y = static_cast<int>(cage_.axis_y()) + 1; y < floor.rows; ++y)
      for (int x = 0; x < floor.columns; ++x)
        if (std::isfinite(visible.at(y, x)) && std::isfinite(floor.at(y, x)))
          heights.push_back(floor.at(y, x));
    if (heights.empty()) return 0;
    const auto top = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() * 8 / 10);
    std::nth_element(heights.begin(), top, heights.end());
    return static_cast<int>(static_cast<double>(*top) / grid_.spacing.z);
  }

  /// Beside a dome the medial border of a row is no mediastinum but the dome's side, and disease
  /// that lies there carries it outward. So where the row, from its first lung air inward, comes to
  /// the dome through columns that all have lung above them, the border is the dome. Only behind
  /// the middle of the chest: the heart, which lies before it, has lung above it, too.
  double side_of_dome(int z, int y, std::uint8_t side, const Surface& visible,
                      const Surface& floor) const {
    const int outward = side == kLeftLung ? 1 : -1;
    int x = static_cast<int>(std::lround(cage_.axis_x()));
    while (x >= 0 && x < grid_.shape.x && air_(z, y, x) != side) x += outward;
    if (x < 0 || x >= grid_.shape.x) return static_cast<double>(kNone);
    for (; lateral(x, side) > kSpineMm && std::isfinite(visible.at(y, x)); x -= outward)
      if (static_cast<double>(floor.at(y, x)) >= z * grid_.spacing.z) return lateral(x, side);
    return static_cast<double>(kNone);
  }

  /// Lumps of some thickness, grown back to the surfaces from which the margin kept them.
  volume::Labels thick_lumps(const volume::Mask& core, const volume::Mask& open,
                             std::uint8_t side) const {
    constexpr double kThinMm = 4, kLeastMl = 1.5;
    const volume::Mask lumps = volume::open(core, kThinMm);
    const volume::Components parts = volume::connected_components(lumps);
    volume::Labels kept(grid_);
    for (std::size_t i = 0; i < lumps.size(); ++i) {
      if (!lumps[i]) continue;
      const auto& part = parts.components[static_cast<std::size_t>(parts.labels[i]) - 1];
      if (static_cast<double>(part.voxels) * grid_.voxel_ml() >= kLeastMl) kept[i] = side;
    }
    grow_labels(kept, open, static_cast<int>(std::ceil(kMarginMm / grid_.spacing.x)));
    return kept;
  }

  const CoarseChest& chest_;
  const volume::Labels& air_;
  const Cage& cage_;
  const volume::Grid& grid_;
};

}  // namespace

volume::Labels find_dense_lung(const CoarseChest& chest) {
  volume::Labels out(chest.air.grid());
  const DenseFinder finder(chest);
  finder.add_side(kLeftLung, out);
  finder.add_side(kRightLung, out);
  return out;
}

}  // namespace thorax::measure
