#include "report/overlay_draw.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace thorax::report {
namespace {

/// Smaller islands go without a tag: the letters would hide more than they tell.
constexpr std::size_t kTaggedPixels = 8;

struct Point {
  int x = 0, y = 0;
};

/// The labels under a view's pixels.
class Cut {
 public:
  Cut(const volume::Labels& labels, const View& view)
      : width_(view.width), height_(view.height), values_(sample(labels, view)) {}

  bool contains(int x, int y) const { return x >= 0 && y >= 0 && x < width_ && y < height_; }
  std::uint8_t at(int x, int y) const { return contains(x, y) ? values_[index(x, y)] : 0; }
  int width() const { return width_; }
  int height() const { return height_; }

  /// The 8-connected island of one value around a pixel; `seen` collects its pixels.
  std::vector<Point> island(Point start, std::vector<bool>& seen) const {
    const std::uint8_t value = at(start.x, start.y);
    std::vector<Point> found{start};
    seen[index(start.x, start.y)] = true;
    for (std::size_t i = 0; i < found.size(); ++i)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          const Point next{found[i].x + dx, found[i].y + dy};
          if (at(next.x, next.y) != value || !contains(next.x, next.y)) continue;
          if (seen[index(next.x, next.y)]) continue;
          seen[index(next.x, next.y)] = true;
          found.push_back(next);
        }
    return found;
  }
  std::vector<bool> nothing_seen() const { return std::vector<bool>(values_.size()); }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x);
  }

 private:
  int width_, height_;
  std::vector<std::uint8_t> values_;
};

bool on_rim(const Cut& cut, int x, int y, std::uint8_t value) {
  return cut.at(x, y) != value && (cut.at(x - 1, y) == value || cut.at(x + 1, y) == value ||
                                   cut.at(x, y - 1) == value || cut.at(x, y + 1) == value);
}

void paint(Canvas& canvas, const Cut& cut, std::uint8_t value, const MarkStyle& style) {
  const Colour tint = Colour::hex(style.legend.colour, style.dust ? 120 : 28);
  const Colour stroke = Colour::hex(style.legend.colour);
  for (int y = 0; y < cut.height(); ++y)
    for (int x = 0; x < cut.width(); ++x) {
      if (cut.at(x, y) == value)
        canvas.set(x, y, tint);
      else if (!style.dust && on_rim(cut, x, y, value))
        canvas.set(x, y, stroke);
    }
}

/// The largest island of a value; empty when it is absent.
std::vector<Point> largest_island(const Cut& cut, std::uint8_t value) {
  std::vector<bool> seen = cut.nothing_seen();
  std::vector<Point> largest;
  for (int y = 0; y < cut.height(); ++y)
    for (int x = 0; x < cut.width(); ++x) {
      if (cut.at(x, y) != value || seen[cut.index(x, y)]) continue;
      std::vector<Point> found = cut.island({x, y}, seen);
      if (found.size() > largest.size()) largest = std::move(found);
    }
  return largest;
}

void tag(Canvas& canvas, const std::vector<Point>& island, const LegendItem& legend) {
  const auto [left, right] = std::minmax_element(
      island.begin(), island.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  const auto top = std::min_element(island.begin(), island.end(),
                                    [](const Point& a, const Point& b) { return a.y < b.y; });
  const int width = text_width(legend.tag), height = 14;
  int x = right->x + 5;
  if (x + width > canvas.width()) x = left->x - 5 - width;
  canvas.text(x, std::clamp(top->y - height / 2, 1, canvas.height() - height - 1), legend.tag,
              Colour::hex(legend.colour));
}

/// The two pixels of an island that lie farthest apart.
std::array<Point, 2> longest_axis(const std::vector<Point>& island) {
  std::array<Point, 2> ends{island.front(), island.front()};
  const std::size_t step = island.size() / 1500 + 1;
  long best = -1;
  for (std::size_t i = 0; i < island.size(); i += step)
    for (std::size_t j = i; j < island.size(); j += step) {
      const long dx = island[i].x - island[j].x, dy = island[i].y - island[j].y;
      if (dx * dx + dy * dy > best) {
        best = dx * dx + dy * dy;
        ends = {island[i], island[j]};
      }
    }
  return ends;
}

/// A line with a short bar across each end.
void caliper(Canvas& canvas, const std::array<Point, 2>& ends, Colour colour) {
  const auto [a, b] = ends;
  canvas.line(a.x, a.y, b.x, b.y, colour);
  const double dx = b.x - a.x, dy = b.y - a.y, length = std::max(1.0, std::hypot(dx, dy));
  const int bx = static_cast<int>(std::lround(-dy / length * 4));
  const int by = static_cast<int>(std::lround(dx / length * 4));
  for (const Point& end : ends) canvas.line(end.x - bx, end.y - by, end.x + bx, end.y + by, colour);
}

Point to_pixel(const View& view, const std::array<double, 3>& zyx) {
  const auto [column, row] = view.pixel(zyx);
  return {static_cast<int>(std::lround(column)), static_cast<int>(std::lround(row))};
}

/// The box of a place on the picture: its low and high corner.
std::array<Point, 2> box_of(const View& view, const volume::Grid& grid, const Place& place) {
  const auto corner = [&](double sign) {
    return to_pixel(view, grid.index({place.centre_mm[0] + sign * place.size_mm[0] / 2,
                                      place.centre_mm[1] + sign * place.size_mm[1] / 2,
                                      place.centre_mm[2] + sign * place.size_mm[2] / 2}));
  };
  const Point a = corner(-1), b = corner(1);
  return {{{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}}};
}

std::string label_of(const LesionRow& lesion, const std::string& tag, int number) {
  std::string name = tag + std::to_string(number);
  if (lesion.diameter_mm <= 0) return name;
  return name + ' ' + std::to_string(std::lround(lesion.diameter_mm)) + " MM";
}

void write_beside(Canvas& canvas, Point right, const std::string& text, Colour colour) {
  int x = right.x + 12;
  if (x + text_width(text) > canvas.width()) x = right.x - 12 - text_width(text);
  canvas.text(std::max(1, x), std::clamp(right.y - 20, 1, canvas.height() - 15), text, colour);
}

}  // namespace

std::vector<LegendItem> draw_marks(Canvas& canvas, const View& view, const MarkedLabels& marked) {
  std::vector<LegendItem> legend;
  if (!marked.labels) return legend;
  const Cut cut(*marked.labels, view);
  std::vector<std::pair<std::vector<Point>, const MarkStyle*>> tags;
  for (const auto& [value, mark] : marked.marks) {
    std::vector<Point> island = largest_island(cut, value);
    if (island.empty()) continue;
    paint(canvas, cut, value, style(mark));
    legend.push_back(style(mark).legend);
    if (mark != Mark::nodule && island.size() >= kTaggedPixels)
      tags.emplace_back(std::move(island), &style(mark));
  }
  for (const auto& [island, mark_style] : tags) tag(canvas, island, mark_style->legend);
  return legend;
}

void draw_lesion(Canvas& canvas, const View& view, const volume::Grid& grid,
                 const MarkedLabels& marked, const LesionRow& lesion, int number) {
  const LegendItem legend = lesion_legend(lesion.finding_id);
  const Colour colour = Colour::hex(legend.colour);
  const std::string label = label_of(lesion, legend.tag, number);
  const auto& v = lesion.place.voxel;
  const Point at = to_pixel(view, {double(v[0]), double(v[1]), double(v[2])});
  if (lesion.diameter_mm <= 0) {
    draw_place(canvas, view, grid, lesion.place, {255, 255, 255, 255});
    write_beside(canvas, at, label, colour);
    return;
  }
  if (marked.labels) {
    const Cut cut(*marked.labels, view);
    if (cut.at(at.x, at.y) != 0) {
      std::vector<bool> seen = cut.nothing_seen();
      std::vector<Point> island = cut.island(at, seen);
      // Its neighbours may be marked too: what lies outside its own box is not this lesion.
      const std::array<Point, 2> box = box_of(view, grid, lesion.place);
      std::erase_if(island, [&](const Point& p) {
        const bool inside = p.x >= box[0].x - 1 && p.y >= box[0].y - 1 && p.x <= box[1].x + 1 &&
                            p.y <= box[1].y + 1;
        return !inside && (p.x != at.x || p.y != at.y);
      });
      const std::array<Point, 2> ends = longest_axis(island);
      caliper(canvas, ends, {255, 255, 255, 255});
      write_beside(canvas, ends[0].x > ends[1].x ? ends[0] : ends[1], label, colour);
      return;
    }
  }
  const int radius = std::max(6, static_cast<int>(lesion.diameter_mm / view.pixel_mm / 2) + 4);
  canvas.corners(at.x - radius, at.y - radius, at.x + radius, at.y + radius, colour);
  write_beside(canvas, {at.x + radius, at.y - radius / 2}, label, colour);
}

void draw_place(Canvas& canvas, const View& view, const volume::Grid& grid, const Place& place,
                Colour colour) {
  const auto [low, high] = box_of(view, grid, place);
  constexpr int kGap = 6;
  canvas.corners(low.x - kGap, low.y - kGap, high.x + kGap, high.y + kGap, colour);
}

}  // namespace thorax::report
