#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "intake/geometry.h"
#include "intake/geometry_frames.h"
#include "intake/geometry_spacing.h"

namespace thorax::intake {
namespace {

using volume::Vec3;

/// Tilt or obliquity below this is rounding of the header.
constexpr double kAlignedDegrees = 0.05;
constexpr double kLargestTiltDegrees = 40;
/// Frames whose rows or columns point elsewhere by more than this do not belong to the stack.
constexpr double kSameAxesDegrees = 0.5;
/// At most this share of the frames may be taken out before the whole stack is in doubt.
constexpr double kTakenOutShare = 0.2;
constexpr double kMostDuplicates = 0.5;
constexpr double kMostIrregular = 0.5;
constexpr double kMostMissingPercent = 80;

struct Placed {
  FrameRef ref;
  const Instance* instance = nullptr;
  FrameAxes axes;
  Vec3 origin;
  double position = 0;  ///< along the normal
  double across_row = 0, across_column = 0;
};

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

Notice counted(Code code, std::size_t count) {
  return {code, {{"count", std::to_string(count)}}};
}

/// Position of a frame; frames after the first of a set with one position follow at
/// SpacingBetweenSlices along the normal.
std::optional<Vec3> place_frame(const Instance& instance, int frame, const FrameAxes& axes) {
  if (const auto p = frame_position(instance, frame)) return p;
  const auto first = frame_position(instance, 0);
  if (frame == 0 || !first || !instance.per_frame.empty() || !instance.spacing_between_slices)
    return std::nullopt;
  return *first + axes.normal * (frame * *instance.spacing_between_slices);
}

std::vector<Placed> place_frames(const Series& series, std::vector<Notice>& notices) {
  std::vector<Placed> placed;
  std::size_t without_axes = 0, without_position = 0;
  for (std::size_t i = 0; i < series.instances.size(); ++i)
    for (int f = 0; f < series.instances[i].frames; ++f) {
      const Instance& instance = series.instances[i];
      const auto axes = frame_axes(instance, f);
      const auto origin = axes ? place_frame(instance, f, *axes) : std::nullopt;
      if (!axes)
        ++without_axes;
      else if (!origin)
        ++without_position;
      else
        placed.push_back({{i, f}, &instance, *axes, *origin});
    }
  const std::size_t lost = without_axes + without_position;
  if (placed.empty() ||
      static_cast<double>(lost) > kTakenOutShare * static_cast<double>(placed.size() + lost))
    throw Error(counted(without_axes > without_position ? "geometry_no_orientation"_code
                                                        : "geometry_no_position"_code,
                        lost));
  if (lost > 0) notices.push_back(counted("slices_without_position"_code, lost));
  return placed;
}

/// Keeps the largest group of frames that share their axes.
void keep_one_orientation(std::vector<Placed>& frames, std::vector<Notice>& notices) {
  std::vector<std::pair<FrameAxes, std::size_t>> groups;
  for (const Placed& frame : frames) {
    const auto it = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return same_axes(group.first, frame.axes, kSameAxesDegrees);
    });
    if (it == groups.end())
      groups.emplace_back(frame.axes, 1);
    else
      ++it->second;
  }
  if (groups.size() == 1) return;
  const auto largest = std::max_element(groups.begin(), groups.end(),
                                        [](auto& a, auto& b) { return a.second < b.second; });
  const std::size_t others = frames.size() - largest->second;
  if (static_cast<double>(others) > kTakenOutShare * static_cast<double>(frames.size()))
    throw Error(counted("geometry_mixed_orientation"_code, groups.size()));
  std::erase_if(frames, [&](const Placed& frame) {
    return !same_axes(largest->first, frame.axes, kSameAxesDegrees);
  });
  notices.push_back(counted("slices_other_orientation"_code, others));
}

void read_pixel_grid(const std::vector<Placed>& frames, SlicePlan& plan) {
  const Instance& first = *frames.front().instance;
  const auto usable = [](double mm) { return mm >= 0.01 && mm <= 20; };  // false for NaN
  if (!first.pixel_spacing || !usable((*first.pixel_spacing)[0]) ||
      !usable((*first.pixel_spacing)[1]))
    throw Error("geometry_no_pixel_spacing"_code);
  for (const Placed& frame : frames) {
    const Instance& instance = *frame.instance;
    const bool same =
        instance.rows == first.rows && instance.columns == first.columns &&
        instance.pixel_spacing &&
        std::abs((*instance.pixel_spacing)[0] / (*first.pixel_spacing)[0] - 1) < 0.01 &&
        std::abs((*instance.pixel_spacing)[1] / (*first.pixel_spacing)[1] - 1) < 0.01;
    if (!same) throw Error("geometry_mixed_matrix"_code);
  }
  plan.rows = first.rows;
  plan.columns = first.columns;
  plan.column_spacing = (*first.pixel_spacing)[0];
  plan.row_spacing = (*first.pixel_spacing)[1];
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// A straight line through sideways positions against position along the normal, unmoved by a few
/// outliers: slope is the median over pairs half a stack apart (Theil and Sen, thinned).
struct Line {
  double slope = 0, level = 0;
};

Line fit_line(const std::vector<Placed>& frames, double Placed::*across) {
  const std::size_t half = frames.size() / 2;
  std::vector<double> slopes, levels;
  for (std::size_t i = 0; i + half < frames.size(); ++i) {
    const double run = frames[i + half].position - frames[i].position;
    if (run > kSamePlaceMm) slopes.push_back((frames[i + half].*across - frames[i].*across) / run);
  }
  Line line;
  if (!slopes.empty()) line.slope = median(slopes);
  for (const Placed& frame : frames) levels.push_back(frame.*across - line.slope * frame.position);
  line.level = median(levels);
  return line;
}

/// The direction in which slices follow each other; takes out frames that lie beside it.
void find_step(std::vector<Placed>& frames, SlicePlan& plan) {
  Line along_row = fit_line(frames, &Placed::across_row);
  Line along_column = fit_line(frames, &Placed::across_column);
  const double tilt =
      std::atan(std::hypot(along_row.slope, along_column.slope)) * 180 / std::numbers::pi;
  if (tilt > kLargestTiltDegrees)
    throw Error("geometry_tilt_too_large"_code, {{"degrees", shown(tilt)}});
  if (tilt > kAlignedDegrees) {
    plan.report.tilt_degrees = tilt;
    plan.notices.push_back({"tilt_corrected"_code, {{"degrees", shown(tilt)}}});
  }
  const double allowed = std::max({1.0, plan.row_spacing, plan.column_spacing});
  const std::size_t before = frames.size();
  std::erase_if(frames, [&](const Placed& frame) {
    const double beside =
        std::hypot(frame.across_row - along_row.level - along_row.slope * frame.position,
                   frame.across_column - along_column.level - along_column.slope * frame.position);
    return !(beside <= allowed);
  });
  const std::size_t beside = before - frames.size();
  if (static_cast<double>(beside) > kTakenOutShare * static_cast<double>(before))
    throw Error(counted("geometry_inconsistent_positions"_code, beside));
  if (beside > 0) plan.notices.push_back(counted("slices_stray"_code, beside));
  if (plan.report.tilt_degrees == 0) along_row.slope = along_column.slope = 0;
  plan.step = plan.normal + plan.row * along_row.slope + plan.column * along_column.slope;
}

void drop_duplicates(std::vector<Placed>& frames, SlicePlan& plan) {
  // Which of several frames at one place stays; absent numbers come last.
  const auto rank = [](const Placed& f) {
    constexpr int kLast = std::numeric_limits<int>::max();
    return std::tuple(f.instance->acquisition_number.value_or(kLast),
                      f.instance->instance_number.value_or(kLast), f.instance->entry, f.ref.frame);
  };
  const auto collapse = [&](double same_mm) {
    std::vector<Placed> kept;
    for (const Placed& frame : frames) {
      if (kept.empty() || frame.position - kept.back().position > same_mm)
        kept.push_back(frame);
      else if (rank(frame) < rank(kept.back()))
        kept.back() = frame;
    }
    frames = std::move(kept);
  };
  const std::size_t before = frames.size();
  collapse(kSamePlaceMm);
  if (frames.size() > 2) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < frames.size(); ++i)
      gaps.push_back(frames[i].position - frames[i - 1].position);
    collapse(std::max(kSamePlaceMm, kSamePlaceShare * median(gaps)));
  }
  const std::size_t duplicates = before - frames.size();
  plan.report.duplicates = static_cast<int>(duplicates);
  if (duplicates == 0) return;
  if (static_cast<double>(duplicates) >= kMostDuplicates * static_cast<double>(before))
    throw Error("geometry_overlapping_stacks"_code,
                {{"images", std::to_string(before)}, {"places", std::to_string(frames.size())}});
  plan.notices.push_back(counted("slices_duplicate"_code, duplicates));
}

std::vector<double> positions_of(const std::vector<Placed>& frames) {
  std::vector<double> positions;
  for (const Placed& frame : frames) positions.push_back(frame.position);
  return positions;
}

void drop_strays(std::vector<Placed>& frames, SlicePlan& plan) {
  const auto [first, last] = without_strays(positions_of(frames));
  const std::size_t strays = frames.size() - (last - first);
  if (strays == 0) return;
  frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(last), frames.end());
  frames.erase(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(first));
  plan.notices.push_back(counted("slices_stray"_code, strays));
}

/// "−12, 30…45": whole mm along the patient axis that the slices follow.
std::string missing_ranges(const SlicePlan& plan, double usual) {
  constexpr std::size_t kMostRanges = 12;
  const Vec3 step = plan.step;
  const double x = std::abs(step.x), y = std::abs(step.y), z = std::abs(step.z);
  const auto coordinate = [&](double position) {
    const Vec3 p = plan.first + step * (position - plan.positions.front());
    const long mm = std::lround(z >= x && z >= y ? p.z : y >= x ? p.y : p.x);
    return (mm < 0 ? "−" : "") + std::to_string(std::abs(mm));
  };
  const std::vector<double>& missing = plan.report.missing_positions;
  std::string text;
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < missing.size(); ++ranges) {
    std::size_t j = i;
    while (j + 1 < missing.size() && missing[j + 1] - missing[j] < 1.5 * usual) ++j;
    if (ranges == kMostRanges) return text + ", …";
    text += (text.empty() ? "" : ", ") + coordinate(missing[i]);
    if (j > i) text += "…" + coordinate(missing[j]);
    i = j + 1;
  }
  return text;
}

void measure_spacing(SlicePlan& plan, const Instance& first) {
  GeometryReport& report = plan.report;
  report.slices = report.expected_slices = static_cast<int>(plan.positions.size());
  if (plan.positions.size() == 1) {
    const double mm = first.spacing_between_slices.value_or(first.slice_thickness.value_or(0));
    if (!(mm > 0)) throw Error("geometry_no_slice_spacing"_code);
    report.spacing_mm = report.spacing_min_mm = report.spacing_max_mm = mm;
    return;
  }
  SpacingReport spacing = analyse_spacing(plan.positions);
  if (spacing.max_mm > kLongestGapMm)
    throw Error("geometry_gap"_code, {{"mm", shown(spacing.max_mm)}});
  if (spacing.irregular_share > kMostIrregular && spacing.max_mm > 3 * spacing.min_mm)
    throw Error("geometry_irregular_spacing"_code,
                {{"low", shown(spacing.min_mm)}, {"high", shown(spacing.max_mm)}});
  report.spacing_mm = spacing.usual_mm;
  report.spacing_min_mm = spacing.min_mm;
  report.spacing_max_mm = spacing.max_mm;
  report.missing_positions = std::move(spacing.missing);
  report.expected_slices += static_cast<int>(report.missing_positions.size());
  report.missing_percent = 100.0 * static_cast<double>(report.missing_positions.size()) /
                           static_cast<double>(report.expected_slices);
  if (report.missing_percent > kMostMissingPercent)
    throw Error("geometry_mostly_missing"_code,
                {{"count", std::to_string(report.missing_positions.size())},
                 {"expected", std::to_string(report.expected_slices)},
                 {"percent", shown(report.missing_percent)}});
  if (!report.missing_positions.empty())
    plan.notices.push_back({"slices_missing"_code,
                            {{"count", std::to_string(report.missing_positions.size())},
                             {"expected", std::to_string(report.expected_slices)},
                             {"percent", shown(report.missing_percent)},
                             {"where", missing_ranges(plan, spacing.usual_mm)}}});
  if (spacing.irregular_share > 0)
    plan.notices.push_back({"slices_irregular"_code,
                            {{"low", shown(spacing.min_mm)},
                             {"high", shown(spacing.max_mm)},
                             {"usual", shown(spacing.usual_mm)}}});
}

/// Degrees between a direction and the nearest patient axis.
double off_axis(Vec3 v) {
  const double length = norm(v);
  return std::min({angle_between_lines(v * (1 / length), {1, 0, 0}),
                   angle_between_lines(v * (1 / length), {0, 1, 0}),
                   angle_between_lines(v * (1 / length), {0, 0, 1})});
}

void measure_obliquity(SlicePlan& plan) {
  const double row = off_axis(plan.row), column = off_axis(plan.column), step = off_axis(plan.step);
  double oblique = std::max({row, column, step});
  // A tilted gantry leans the slices against the table: two directions are still along axes.
  if (plan.report.tilt_degrees > 0)
    oblique = std::min({std::max(row, column), std::max(row, step), std::max(column, step)});
  plan.report.plane = plane_of(plan.normal);
  if (oblique > kAlignedDegrees) {
    plan.report.obliquity_degrees = oblique;
    plan.notices.push_back({"oblique_resampled"_code, {{"degrees", shown(oblique)}}});
  } else if (plan.report.plane != "axial") {
    plan.notices.push_back({"plane_permuted"_code, {{"plane", plan.report.plane}}});
  }
}

}  // namespace

SlicePlan plan_geometry(const Series& series) {
  SlicePlan plan;
  std::vector<Placed> frames = place_frames(series, plan.notices);
  keep_one_orientation(frames, plan.notices);
  read_pixel_grid(frames, plan);
  plan.row = frames.front().axes.row;
  plan.column = frames.front().axes.column;
  plan.normal = frames.front().axes.normal;
  for (Placed& frame : frames) {
    frame.position = dot(frame.origin, plan.normal);
    frame.across_row = dot(frame.origin, plan.row);
    frame.across_column = dot(frame.origin, plan.column);
  }
  std::stable_sort(frames.begin(), frames.end(),
                   [](const Placed& a, const Placed& b) { return a.position < b.position; });
  find_step(frames, plan);
  drop_duplicates(frames, plan);
  drop_strays(frames, plan);
  plan.first = frames.front().origin;
  plan.positions = positions_of(frames);
  for (const Placed& frame : frames) plan.frames.push_back(frame.ref);
  measure_spacing(plan, *frames.front().instance);
  measure_obliquity(plan);
  plan.report.interpolated = plan.report.tilt_degrees > 0 || plan.report.obliquity_degrees > 0 ||
                             !plan.report.missing_positions.empty();
  return plan;
}

}  // namespace thorax::intake
