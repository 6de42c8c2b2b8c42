#include "quality/lungs.h"

#include <algorithm>
#include <cmath>

#include "volume/components.h"
#include "volume/morphology.h"
#include "volume/resample.h"

namespace thorax::quality {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Mask;

constexpr double kCoarseMm = 4;
/// Parts of the body are thicker than twice this.
constexpr double kThinMm = 9;
constexpr std::int16_t kTissueHu = -300, kLungHu = -400, kEmptyHu = -900;
/// Regions of air smaller than this share of the largest one, or this volume, are no lung.
constexpr double kRegionShare = 0.04, kRegionMl = 20;
/// Sections with less air than this show the trachea, not lung.
constexpr double kTracheaCm2 = 6;
/// Sections with less lung than this at an end of the volume do not count as lung going on.
constexpr double kFadedTopCm2 = 12, kFadedBottomCm2 = 25;
constexpr double kHeightPerWidth = 0.72;

Mask coarse_outside(const Mask& outside, const Grid& grid) {
  return outside.empty() ? Mask() : volume::resample_nearest(outside, grid, 1);
}

/// True for voxels on the lateral edge of what the scanner saw.
bool on_edge(const Grid& grid, const Mask& outside, int z, int y, int x) {
  if (y == 0 || x == 0 || y == grid.shape.y - 1 || x == grid.shape.x - 1) return true;
  return !outside.empty() && (outside(z, y - 1, x) || outside(z, y + 1, x) ||
                              outside(z, y, x - 1) || outside(z, y, x + 1));
}

bool is_outside(const Mask& outside, std::size_t i) {
  return !outside.empty() && outside[i] != 0;
}

/// Air around the patient, slice by slice, with the half-filled voxels along the skin.
Mask surrounding_air(const LungSurvey& survey) {
  const Grid& grid = survey.hu.grid();
  const int ny = grid.shape.y, nx = grid.shape.x;
  Mask around(grid);
  std::vector<std::pair<int, int>> open;
  for (int z = 0; z < grid.shape.z; ++z) {
    const auto enter = [&](int y, int x) {
      if (y < 0 || x < 0 || y >= ny || x >= nx) return;
      const std::size_t i = grid.offset(z, y, x);
      if (around[i] || is_outside(survey.outside, i) || survey.hu[i] >= kLungHu) return;
      around[i] = 1;
      open.emplace_back(y, x);
    };
    for (int y = 0; y < ny; ++y)
      for (int x = 0; x < nx; ++x)
        if (on_edge(grid, survey.outside, z, y, x) && survey.hu(z, y, x) < kEmptyHu) enter(y, x);
    while (!open.empty()) {
      const auto [y, x] = open.back();
      open.pop_back();
      enter(y - 1, x);
      enter(y + 1, x);
      enter(y, x - 1);
      enter(y, x + 1);
    }
  }
  return around;
}

/// The largest piece of tissue with everything it encloses in axial slices; the border of the field
/// of view closes a body that it cuts.
Mask find_body(const LungSurvey& survey, const Mask& around) {
  const Grid& grid = survey.hu.grid();
  Mask tissue(grid);
  for (std::size_t i = 0; i < tissue.size(); ++i)
    tissue[i] = survey.hu[i] > kTissueHu && !is_outside(survey.outside, i);
  Mask body = volume::largest_components(tissue, 1);
  Mask closed = body.clone();
  for (std::size_t i = 0; i < closed.size(); ++i) {
    const volume::Index at = grid.at(i);
    if (!closed[i] && !around[i] && on_edge(grid, survey.outside, at.z, at.y, at.x)) closed[i] = 1;
  }
  // A border voxel closes the outline; padding beyond it must not count as enclosed.
  volume::fill_holes_axial(closed);
  for (std::size_t i = 0; i < body.size(); ++i)
    body[i] = (closed[i] && !around[i]) || is_outside(survey.outside, i);
  // The shell of a table that the back lies on is thin; padding counts as body meanwhile, so that a
  // body cut by it is not eaten from there.
  body = volume::open(body, kThinMm);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = body[i] && !is_outside(survey.outside, i);
  body = volume::largest_components(body, 1);
  return body;
}

struct Section {
  std::size_t lung = 0, body = 0;
  int low_x = 0, high_x = -1;  ///< of the body
};

std::vector<Section> sections(const LungSurvey& survey) {
  const Grid& grid = survey.hu.grid();
  std::vector<Section> all(static_cast<std::size_t>(grid.shape.z));
  for (int z = 0; z < grid.shape.z; ++z) {
    Section& section = all[static_cast<std::size_t>(z)];
    section.low_x = grid.shape.x;
    for (int y = 0; y < grid.shape.y; ++y)
      for (int x = 0; x < grid.shape.x; ++x) {
        const std::size_t i = grid.offset(z, y, x);
        section.lung += survey.lungs[i];
        if (!survey.body[i]) continue;
        ++section.body;
        section.low_x = std::min(section.low_x, x);
        section.high_x = std::max(section.high_x, x);
      }
  }
  return all;
}

void keep_lungs(LungSurvey& survey) {
  const Grid& grid = survey.hu.grid();
  Mask air(grid);
  for (std::size_t i = 0; i < air.size(); ++i) air[i] = survey.body[i] && survey.hu[i] < kLungHu;
  const volume::Components found = volume::connected_components(air);
  survey.lungs = Mask(grid);
  if (found.components.empty()) return;
  const auto largest = static_cast<double>(found.components.front().voxels);
  std::vector<std::uint8_t> keep(found.components.size() + 1, 0);
  for (const volume::Component& c : found.components) {
    const auto voxels = static_cast<double>(c.voxels);
    keep[static_cast<std::size_t>(c.label)] =
        voxels >= kRegionShare * largest && voxels * grid.voxel_ml() >= kRegionMl;
  }
  for (std::size_t i = 0; i < air.size(); ++i)
    survey.lungs[i] = keep[static_cast<std::size_t>(found.labels[i])];
}

void measure_size(LungSurvey& survey, const std::vector<Section>& slices, std::size_t widest) {
  const Grid& grid = survey.hu.grid();
  const Section& section = slices[widest];
  survey.section_share =
      section.body ? static_cast<double>(section.lung) / static_cast<double>(section.body) : 0;
  survey.body_width_mm = (section.high_x - section.low_x + 1) * grid.spacing.x;
  const double middle = 0.5 * (section.low_x + section.high_x);
  double sum = 0;
  std::size_t left = 0, right = 0;
  for (std::size_t i = 0; i < survey.lungs.size(); ++i) {
    if (!survey.lungs[i]) continue;
    sum += survey.hu[i];
    ++(grid.at(i).x > middle ? left : right);
  }
  survey.left_ml = static_cast<double>(left) * grid.voxel_ml();
  survey.right_ml = static_cast<double>(right) * grid.voxel_ml();
  survey.mean_hu = left + right ? sum / static_cast<double>(left + right) : 0;
}

void measure_coverage(LungSurvey& survey, const std::vector<Section>& slices, std::size_t widest) {
  const Grid& grid = survey.hu.grid();
  const double cm2 = grid.spacing.x * grid.spacing.y / 100;
  const auto area = [&](std::size_t z) { return static_cast<double>(slices[z].lung) * cm2; };
  // From the widest section outwards: a gap of one section is bridged, what lies beyond a longer
  // one is no lung (stomach, bowel, throat).
  std::size_t low = widest, high = widest;
  for (std::size_t z = widest; z-- > 0 && low - z <= 2;)
    if (area(z) > kTracheaCm2) low = z;
  for (std::size_t z = widest + 1; z < slices.size() && z - high <= 2; ++z)
    if (area(z) > kTracheaCm2) high = z;
  survey.low_mm = grid.origin.z + static_cast<double>(low) * grid.spacing.z;
  survey.high_mm = grid.origin.z + static_cast<double>(high) * grid.spacing.z;
  survey.height_mm = survey.high_mm - survey.low_mm + grid.spacing.z;
  survey.cut_at_bottom = low == 0 && area(0) > kFadedBottomCm2;
  survey.cut_at_top = high + 1 == slices.size() && area(high) > kFadedTopCm2;
  survey.coverage = 1;
  if (survey.cut_at_bottom || survey.cut_at_top)
    survey.coverage = std::min(0.95, survey.height_mm / (kHeightPerWidth * survey.body_width_mm));
}

void measure_cuts(LungSurvey& survey, const std::vector<Section>& slices) {
  const Grid& grid = survey.hu.grid();
  std::size_t lung_edge = 0, body_edge = 0, outline = 0;
  for (std::size_t i = 0; i < survey.body.size(); ++i) {
    if (!survey.body[i]) continue;
    const volume::Index at = grid.at(i);
    if (!slices[static_cast<std::size_t>(at.z)].lung) continue;
    const bool edge = on_edge(grid, survey.outside, at.z, at.y, at.x);
    const bool skin = edge || !survey.body(at.z, at.y - 1, at.x) ||
                      !survey.body(at.z, at.y + 1, at.x) || !survey.body(at.z, at.y, at.x - 1) ||
                      !survey.body(at.z, at.y, at.x + 1);
    outline += skin;
    body_edge += edge;
    lung_edge += edge && survey.lungs[i];
  }
  survey.lung_cut_cm2 = static_cast<double>(lung_edge) * grid.spacing.x * grid.spacing.z / 100;
  if (outline)
    survey.body_cut_percent = 100.0 * static_cast<double>(body_edge) / static_cast<double>(outline);
}

}  // namespace

LungSurvey survey_lungs(const intake::LoadedVolume& ct) {
  LungSurvey survey;
  const Grid grid = volume::isotropic_grid(ct.hu.grid(), kCoarseMm);
  survey.hu = volume::shrink_mean(ct.hu, grid);
  survey.outside = coarse_outside(ct.outside, grid);
  survey.body = find_body(survey, surrounding_air(survey));
  keep_lungs(survey);
  const std::vector<Section> slices = sections(survey);
  const auto widest = static_cast<std::size_t>(
      std::max_element(slices.begin(), slices.end(),
                       [](const Section& a, const Section& b) { return a.lung < b.lung; }) -
      slices.begin());
  if (slices[widest].lung == 0) return survey;
  measure_size(survey, slices, widest);
  measure_coverage(survey, slices, widest);
  measure_cuts(survey, slices);
  return survey;
}

}  // namespace thorax::quality
