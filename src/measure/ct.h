// Everything that is measured on a chest CT without learned weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/measurement.h"
#include "base/notice.h"
#include "base/place.h"
#include "base/progress.h"
#include "volume/volume.h"

namespace thorax::measure {

/// Values of the anatomy label volume.
enum Anatomy : std::uint8_t {
  kNoAnatomy = 0,
  kLeftLung = 1,  ///< lung field: also dense disease inside it
  kRightLung = 2,
  kAirways = 3,  ///< trachea and main bronchi
  kHeart = 4,
  kAorta = 5,
  kSpine = 6,  ///< vertebral bodies
};

/// Values of the finding label volume. A voxel has one label; later ones win.
enum FindingLabel : std::uint8_t {
  kNoFinding = 0,
  kEmphysema = 1,
  kGroundGlass = 2,
  kConsolidation = 3,
  kPleuralEffusion = 4,
  kPericardialEffusion = 5,
  kPneumothorax = 6,
  kNodule = 7,
  kCoronaryCalcification = 8,
  kAorticCalcification = 9,
};

enum class Side { left, right, both, none };
enum class NoduleType { solid, part_solid, ground_glass };

/// A nodule candidate, ranked: the first of the list is the most suspicious.
struct Nodule {
  Place place;
  Side side = Side::none;
  int third = 0;           ///< 0 upper, 1 middle, 2 lower, by lung height
  double diameter_mm = 0;  ///< mean of the longest axial axis and its perpendicular
  double long_axis_mm = 0, short_axis_mm = 0;
  double volume_mm3 = 0;
  double mean_hu = 0;
  NoduleType type = NoduleType::solid;
  bool touches_wall = false, touches_vessel = false, calcified = false;
  double score = 0;  ///< rank score in [0, 1]; not a probability of malignancy
};

/// A connected area of one finding, largest first.
struct Region {
  FindingLabel label = kNoFinding;
  Place place;
  Side side = Side::none;
  double volume_ml = 0;
  double mean_hu = 0;
};

/// What is known of the acquisition and matters to the methods.
struct CtContext {
  double slice_thickness_mm = 0;  ///< 0 when unknown
  std::string kernel;             ///< ConvolutionKernel
  bool contrast = false;          ///< intravenous contrast was given, as far as the header says
  double noise_hu = 0;            ///< 0 when unknown
};

struct CtMeasurements {
  Measurements values;
  volume::Labels anatomy;
  volume::Labels findings;
  std::vector<Nodule> nodules;
  std::vector<Region> regions;
  std::vector<Notice> notices;
  /// Histogram of HU inside the lungs: counts for [-1024, -1023), …, up to 200 HU.
  std::vector<std::uint64_t> lung_histogram;
};

/// Measures `hu` (axis-parallel LPS grid, Hounsfield units).
CtMeasurements measure_ct(const volume::CtVolume& hu, const CtContext& context,
                          const Progress& progress = {});

}  // namespace thorax::measure
