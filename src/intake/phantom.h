// A chest that never lived: an analytic thorax painted as CT, with findings whose truth is known.
// It feeds the shipped sample, the tests and the benchmarks.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "volume/volume.h"

namespace thorax::intake {

/// Values of Phantom::anatomy and Phantom::findings: the same numbers as the measure room's labels
/// (measure::Anatomy, measure::FindingLabel), checked by a test in tests/measure.
enum PhantomLabel : std::uint8_t {
  kPhantomNothing = 0,
  kPhantomLeftLung = 1,  ///< lung field: with vessels, dense disease, effusion, pneumothorax
  kPhantomRightLung = 2,
  kPhantomAirways = 3,  ///< air in the trachea and the main bronchi outside the lung fields
  kPhantomHeart = 4,    ///< the pericardial sac with what is in it
  kPhantomAorta = 5,
  kPhantomSpine = 6,  ///< vertebral bodies (without discs and arches)
};
enum PhantomFinding : std::uint8_t {
  kPhantomEmphysema = 1,
  kPhantomGroundGlass = 2,
  kPhantomConsolidation = 3,
  kPhantomPleuralEffusion = 4,
  kPhantomPericardialEffusion = 5,
  kPhantomPneumothorax = 6,
  kPhantomNodule = 7,
  kPhantomCoronaryCalcification = 8,
  kPhantomAorticCalcification = 9,
  kPhantomMediastinalMass = 10,  ///< painted, but no label of the measure room
};

enum class PhantomSide { left, right };
enum class PhantomThird { upper, middle, lower };  ///< of that lung's height
enum class PhantomNoduleKind { solid, part_solid, ground_glass, calcified };
enum class PhantomNodulePlace { free, wall, vessel };
enum class PhantomKernel { soft, sharp };

/// A ball in the lung. A part-solid one has a solid core of half its diameter.
struct PhantomNodule {
  double diameter_mm = 10;
  PhantomNoduleKind kind = PhantomNoduleKind::solid;
  PhantomSide side = PhantomSide::right;
  PhantomThird third = PhantomThird::upper;
  PhantomNodulePlace place = PhantomNodulePlace::free;
  std::optional<volume::Vec3> centre_mm{};  ///< overrules side, third and place
};

/// A finding of a given volume on one side (ground glass, consolidation, effusion, pneumothorax).
struct PhantomRegion {
  double volume_ml = 100;
  PhantomSide side = PhantomSide::right;
  PhantomThird third = PhantomThird::lower;  ///< for ground glass and consolidation only
};

struct PhantomOptions {
  int size = 512;        ///< rows and columns
  double fov_mm = 390;   ///< width of the square field of view, times body_scale
  double slice_mm = 2;   ///< distance between slices, and their thickness
  int slices = 0;        ///< 0: as many as cover the range below
  double low_mm = -160;  ///< lowest slice, times body_scale (lung bases end near -115)
  double high_mm = 182;  ///< highest slice, times body_scale (apices end near 155)
  double body_scale = 1;
  std::uint64_t seed = 1;
  double noise_hu = 12;  ///< standard deviation in soft tissue
  PhantomKernel kernel = PhantomKernel::soft;
  double vertebra_hu = 160;

  std::vector<PhantomNodule> nodules;
  std::vector<PhantomRegion> ground_glass, consolidation, effusion, pneumothorax;
  double emphysema_percent = 0;  ///< wanted LAA-950 of both lung fields
  bool bullae = false;           ///< part of the emphysema as large subpleural bullae
  double pericardial_ml = 0;
  std::optional<double> cardiothoracic_ratio;  ///< wanted; the healthy heart has about 0.46
  double coronary_calcium_mm3 = 0;             ///< wanted volume of plaque
  double aortic_calcium_mm3 = 0;
  double calcium_hu = 500;  ///< of plaque before partial volume
  double mediastinal_mass_ml = 0;
};

struct Phantom {
  volume::CtVolume hu;
  volume::Labels anatomy;   ///< PhantomLabel
  volume::Labels findings;  ///< PhantomFinding; the later number wins where two overlap
  /// What is in the picture, counted on the labels and the noise-free voxels:
  /// lungs.{left,right,total}_ml, lungs.{left,right,total}_mean_hu, emphysema.laa950_percent,
  /// emphysema.laa910_percent, heart.{volume_ml,width_mm}, thorax.width_mm,
  /// cardiothoracic_ratio, vertebra_hu, and findings[]: {type, side, third, centre_mm [x, y, z],
  /// volume_ml, hu_mean, lung_share_percent, …; nodules also diameter_mm, analytic_ml, kind,
  /// place}.
  nlohmann::json truth;
};

/// Paints the phantom: an axis-parallel LPS grid centred on x = 0 and y = 0, edges anti-aliased by
/// partial volume, -1024 HU outside the circle that fits the field of view. The same options give
/// the same bytes, whatever the number of threads. Throws Error("bad_option"_code) for options that
/// cannot be drawn (a nodule that fits nowhere, an effusion larger than the lung, a volume beyond
/// 2^31 voxels).
Phantom make_phantom(const PhantomOptions& options, const Progress& progress = {});

}  // namespace thorax::intake
