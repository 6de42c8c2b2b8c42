#include "measure/heart.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "measure/aorta.h"
#include "measure/calcification.h"
#include "measure/heart_region.h"
#include "measure/heart_texts.h"
#include "measure/pericardium.h"
#include "measure/spine.h"
#include "volume/morphology.h"
#include "volume/resample.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Labels;
using volume::Mask;

constexpr double kWall = 3;           // mm around the lumen that hold plaque
constexpr double kClearOutline = 65;  // percent
constexpr std::size_t kClearSlices = 3;

void mark(const Mask& mask, std::uint8_t label, Labels& anatomy) {
  const Labels full = volume::resample_nearest(mask, anatomy.grid());
  for (std::size_t i = 0; i < anatomy.size(); ++i)
    if (full[i] && anatomy[i] == kNoAnatomy) anatomy[i] = label;
}

// A region of one finding over all voxels that carry its label.
void add_region(const CtVolume& hu, const Labels& findings, FindingLabel label, const Text& where,
                std::vector<Region>& regions) {
  const volume::Grid& grid = hu.grid();
  volume::Index low{grid.shape.z, grid.shape.y, grid.shape.x}, high{-1, -1, -1}, brightest;
  double n = 0, sum = 0;
  int peak = -32768;
  for (int z = 0; z < grid.shape.z; ++z)
    for (int y = 0; y < grid.shape.y; ++y) {
      const std::uint8_t* row = &findings(z, y, 0);
      for (int x = 0; x < grid.shape.x; ++x) {
        if (row[x] != label) continue;
        ++n;
        sum += hu(z, y, x);
        low = {std::min(low.z, z), std::min(low.y, y), std::min(low.x, x)};
        high = {std::max(high.z, z), std::max(high.y, y), std::max(high.x, x)};
        if (hu(z, y, x) > peak) {
          peak = hu(z, y, x);
          brightest = {z, y, x};
        }
      }
    }
  if (n == 0) return;
  Region region;
  region.label = label;
  region.volume_ml = n * grid.voxel_ml();
  region.mean_hu = sum / n;
  const volume::Vec3 a = grid.position(low), b = grid.position(high);
  region.place.centre_mm = {(a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2};
  region.place.size_mm = {b.x - a.x + grid.spacing.x, b.y - a.y + grid.spacing.y,
                          b.z - a.z + grid.spacing.z};
  region.place.voxel = {brightest.z, brightest.y, brightest.x};
  region.place.where = where;
  regions.push_back(std::move(region));
}

// Median diameter of the ascending aorta where its outline is clear below the carina; 0 where it is
// clear on too few slices.
double ascending_diameter(const Aorta& aorta) {
  std::vector<double> diameters;
  for (const AortaCircle& c : aorta.ascending)
    if (c.edge_percent >= kClearOutline) diameters.push_back(2 * c.radius_mm);
  if (diameters.size() < kClearSlices) return 0;
  std::sort(diameters.begin(), diameters.end());
  return diameters[diameters.size() / 2];
}

}  // namespace

void measure_heart(const CtVolume& hu, Labels& anatomy, Measurements& values,
                   std::vector<Region>& regions, Labels& findings, const CtContext& context) {
  const HeartRegion heart = find_heart(hu, anatomy);
  if (heart.empty()) return;
  const HeartTexts texts(context);
  const double heart_ml =
      static_cast<double>(volume::count(heart.heart)) * heart.heart.grid().voxel_ml();
  if (heart.heart_width_mm > 0)
    values.add(texts.ratio(heart.heart_width_mm / heart.thorax_width_mm));
  values.add(texts.volume(heart_ml));

  const Mask fluid = find_pericardial_fluid(hu, anatomy, heart).mask;
  values.add(texts.effusion(static_cast<double>(volume::count(fluid)) * fluid.grid().voxel_ml()));
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (fluid[i] && findings[i] == kNoFinding) findings[i] = kPericardialEffusion;
  add_region(hu, findings, kPericardialEffusion, {"pericardium", "перикард"}, regions);

  const Aorta aorta = find_aorta(heart, find_spine(hu, anatomy));
  const Mask lumen = aorta_mask(aorta, heart, 0, false);
  Mask vessel = aorta_mask(aorta, heart, kWall, true);
  Mask muscle = heart.heart.clone();
  for (std::size_t i = 0; i < muscle.size(); ++i) {
    muscle[i] = muscle[i] && !lumen[i];
    vessel[i] = vessel[i] && !muscle[i];  // coronary arteries leave close beside the root
  }
  const Mask muscle_full = volume::resample_nearest(muscle, hu.grid());
  const auto [threshold, why_not] = calcium_threshold(hu, muscle_full, context);
  if (!threshold) {
    values.omit("coronary_calcium.agatston", why_not);
    values.omit("aorta.calcium.agatston", why_not);
  } else {
    const CalciumScore coronary =
        score_calcium(hu, muscle_full, *threshold, kCoronaryCalcification, findings);
    values.add(texts.coronary_calcium(coronary.agatston, *threshold));
    add_region(hu, findings, kCoronaryCalcification, {"heart", "сердце"}, regions);
  }

  mark(lumen, kAorta, anatomy);
  mark(heart.heart, kHeart, anatomy);
  if (aorta.descending.empty()) return;
  if (threshold) {
    const CalciumScore aortic = score_calcium(hu, volume::resample_nearest(vessel, hu.grid()),
                                              *threshold, kAorticCalcification, findings);
    values.add(texts.aortic_calcium(aortic.agatston, *threshold));
    add_region(hu, findings, kAorticCalcification, {"thoracic aorta", "грудная аорта"}, regions);
  }
  if (const double diameter = ascending_diameter(aorta); diameter > 0)
    values.add(texts.ascending_diameter(diameter));
}

}  // namespace thorax::measure
