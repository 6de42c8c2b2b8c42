#include "measure/opacity.h"

#include <array>
#include <cmath>

#include "measure/lungs_grow.h"
#include "measure/thirds.h"
#include "volume/components.h"
#include "volume/morphology.h"
#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

constexpr int kDenseHu = -250;

class OpacityFinder {
 public:
  explicit OpacityFinder(const CoarseChest& chest) : chest_(chest), grid_(chest.hu.grid()) {
    lung_ = volume::Mask(grid_);
    volume::HuHistogram airy(-1100, 300);
    for (std::size_t i = 0; i < lung_.size(); ++i) {
      lung_[i] = chest.field[i] && !chest.fluid[i] && !chest.airways[i];
      if (chest.air[i]) airy.add(chest.hu[i]);
    }
    const double median = airy.total() ? airy.percentile(50) : -850;
    glass_hu_ = std::clamp(static_cast<int>(std::lround(median)) + 150, -720, -560);
  }

  volume::Labels find() const {
    volume::Labels out(grid_);
    consolidation(out);
    ground_glass(out);
    return out;
  }

 private:
  /// Facts of one lump that decide whether it is disease.
  struct LumpSums {
    double voxels = 0, hu = 0, wall = 0, dependent = 0, hilum = 0, vessel = 0;
    bool thick = false;  ///< holds a ball of kLayerMm radius
  };

  std::vector<LumpSums> sum(const volume::Components& lumps, const volume::Mask& hilum,
                            const volume::Mask& vessel) const {
    constexpr double kWallMm = 14;
    constexpr double kLayerMm = 7;
    std::vector<LumpSums> sums(lumps.components.size());
    volume::Mask all(grid_);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = lumps.labels[i] != 0;
    const volume::Mask deep = volume::erode(all, kLayerMm);
    for (std::size_t i = 0; i < lumps.labels.size(); ++i) {
      if (lumps.labels[i] == 0) continue;
      LumpSums& s = sums[static_cast<std::size_t>(lumps.labels[i]) - 1];
      s.thick = s.thick || deep[i];
      const volume::Index at = grid_.at(i);
      const double depth = chest_.cage.depth(at.z, at.y, at.x);
      ++s.voxels;
      s.hu += chest_.hu[i];
      s.wall += depth < kWallMm;
      s.dependent += at.y > chest_.cage.axis_y();
      s.hilum += hilum[i];
      s.vessel += vessel[i];
    }
    return sums;
  }

  /// Within 12 mm of tissue that is neither lung nor chest wall, in the middle half of the chest.
  volume::Mask near_hilum() const {
    volume::Mask centre(grid_);
    for (std::size_t i = 0; i < centre.size(); ++i) {
      if (chest_.field[i] || !chest_.body[i]) continue;
      const volume::Index at = grid_.at(i);
      const double aside = std::abs(at.x - chest_.cage.axis_x()) * grid_.spacing.x;
      centre[i] = aside < 55 && chest_.cage.depth(at.z, at.y, at.x) > 20;
    }
    return volume::dilate(centre, 12);
  }

  /// A lump of a nodule's size and shape (Fleischner Society glossary: up to 30 mm).
  bool is_nodule(const volume::Component& c) const {
    constexpr double kNoduleMm = 30;
    const double ml = static_cast<double>(c.voxels) * grid_.voxel_ml();
    const double longest = std::max({(c.high.z - c.low.z + 1) * grid_.spacing.z,
                                     (c.high.y - c.low.y + 1) * grid_.spacing.y,
                                     (c.high.x - c.low.x + 1) * grid_.spacing.x});
    return 2 * std::cbrt(ml * 1000 * 3 / (4 * 3.14159265358979)) <= kNoduleMm &&
           longest <= 1.3 * kNoduleMm;
  }

  void consolidation(volume::Labels& out) const {
    constexpr double kThinMm = 5, kLeastMl = 3;
    volume::Mask dense(grid_), open(grid_);
    for (std::size_t i = 0; i < dense.size(); ++i) {
      dense[i] = lung_[i] && chest_.hu[i] > kDenseHu;
      open[i] = lung_[i] && chest_.hu[i] > chest_.threshold_hu;
    }
    const volume::Mask core = volume::open(dense, kThinMm);
    const volume::Components lumps = volume::connected_components(core);
    const std::vector<LumpSums> sums = sum(lumps, near_hilum(), volume::Mask(grid_));
    for (std::size_t i = 0; i < core.size(); ++i) {
      if (!core[i]) continue;
      const auto k = static_cast<std::size_t>(lumps.labels[i]) - 1;
      const LumpSums& s = sums[k];
      const double ml = s.voxels * grid_.voxel_ml();
      const bool hilar = s.hilum > 0.6 * s.voxels && ml < 15;
      const bool enhanced_vessel = s.hu / s.voxels > 130;
      if (ml >= kLeastMl && !hilar && !enhanced_vessel && !is_nodule(lumps.components[k]))
        out[i] = kConsolidation;
    }
    restore(out, kConsolidation, open, 6);
  }

  void ground_glass(volume::Labels& out) const {
    constexpr double kRimMm = 3, kLeastMl = 2, kVesselMm = 5;
    // Thick slices smear vessels into haloes as wide as the slice.
    const double thin_mm = std::max(3.0, grid_.spacing.z);
    const volume::Mask inner = volume::erode(lung_, kRimMm);
    volume::Mask dense(grid_), solid(grid_), open(grid_), vessels(grid_);
    for (std::size_t i = 0; i < dense.size(); ++i) {
      solid[i] = lung_[i] && chest_.hu[i] > kDenseHu;
      open[i] = lung_[i] && chest_.hu[i] > glass_hu_ && out[i] == 0;
      vessels[i] = lung_[i] && chest_.hu[i] > -300 && out[i] == 0;
    }
    const volume::Mask core_solid = volume::open(solid, 2.5);
    for (std::size_t i = 0; i < dense.size(); ++i)
      dense[i] = inner[i] && chest_.hu[i] > glass_hu_ && !core_solid[i] && out[i] == 0;
    const volume::Mask core = volume::open(dense, thin_mm);
    const volume::Components lumps = volume::connected_components(core);
    const std::vector<LumpSums> sums = sum(lumps, near_hilum(), volume::dilate(vessels, kVesselMm));
    for (std::size_t i = 0; i < core.size(); ++i) {
      if (!core[i]) continue;
      const LumpSums& s = sums[static_cast<std::size_t>(lumps.labels[i]) - 1];
      const double ml = s.voxels * grid_.voxel_ml();
      const bool hilar = s.hilum > 0.6 * s.voxels && ml < 15;
      // The haloes of vessels, and walls of the bronchi beside them.
      const bool halo = s.vessel > 0.6 * s.voxels;
      // Lung that gravity compresses: a layer along the posterior wall, no lump.
      const bool dependent_layer =
          !s.thick && s.wall > 0.75 * s.voxels && s.dependent > 0.95 * s.voxels;
      if (ml >= kLeastMl && !hilar && !halo && !dependent_layer) out[i] = kGroundGlass;
    }
    const volume::Labels dense_only = out.clone();
    restore(out, kGroundGlass, open, 5);
    ask_around_vessels(dense_only, vessels, out);
  }

  /// Vessels are as dense inside ground glass as outside, and so is what they mix with: there the
  /// lung around decides, by majority, or ground glass would follow every vessel out of itself.
  /// `before`: the labels without ground glass.
  void ask_around_vessels(const volume::Labels& before, const volume::Mask& vessels,
                          volume::Labels& out) const {
    constexpr double kAroundMm = 10;
    const double halo_mm = std::max(3.5, grid_.spacing.z);
    constexpr int kEnough = 20;
    volume::Mask doubtful = volume::dilate(vessels, halo_mm);
    for (std::size_t i = 0; i < out.size(); ++i)
      doubtful[i] = doubtful[i] && lung_[i] && !before[i];
    const volume::Labels clear = out.clone();
    const auto steps = [](double spacing) { return static_cast<int>(kAroundMm / spacing); };
    const int rz = steps(grid_.spacing.z), ry = steps(grid_.spacing.y), rx = steps(grid_.spacing.x);
    const auto vote = [&](const volume::Index& at) {
      int glass = 0, all = 0;
      for (int z = std::max(0, at.z - rz); z <= std::min(grid_.shape.z - 1, at.z + rz); ++z)
        for (int y = std::max(0, at.y - ry); y <= std::min(grid_.shape.y - 1, at.y + ry); ++y)
          for (int x = std::max(0, at.x - rx); x <= std::min(grid_.shape.x - 1, at.x + rx); ++x) {
            if (!lung_(z, y, x) || doubtful(z, y, x) || before(z, y, x)) continue;
            ++all;
            glass += clear(z, y, x) == kGroundGlass;
          }
      return std::pair(glass, all);
    };
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!doubtful[i] || out[i] != kGroundGlass) continue;
      const auto [glass, all] = vote(grid_.at(i));
      if (all >= kEnough && 2 * glass < all) out[i] = kNoFinding;
    }
  }

  /// Grows lumps that an opening rounded off back into `open`, and closes over what lies inside.
  void restore(volume::Labels& out, std::uint8_t label, const volume::Mask& open,
               double reach_mm) const {
    volume::Labels grown(grid_);
    for (std::size_t i = 0; i < out.size(); ++i) grown[i] = out[i] == label;
    grow_labels(grown, open, static_cast<int>(std::lround(reach_mm / grid_.spacing.x)));
    volume::Mask closed = volume::close(grown, 3.5);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (closed[i] && lung_[i] && out[i] == 0) out[i] = label;
  }

  const CoarseChest& chest_;
  const volume::Grid& grid_;
  volume::Mask lung_;
  int glass_hu_ = -700;
};

/// Voxels of one kind, by side and by third.
struct Tally {
  double all = 0, left = 0, right = 0;
  std::array<double, 3> third{};

  void add(std::uint8_t side, int in_third) {
    ++all;
    ++(side == kLeftLung ? left : right);
    ++third[static_cast<std::size_t>(in_third)];
  }
};

double percent(double part, double whole) {
  return whole > 0 ? 100 * part / whole : 0;
}

struct Kind {
  FindingLabel label{};
  const char* id = nullptr;
  Text name;
  Text method;
};

}  // namespace

volume::Labels find_opacities(const CoarseChest& chest) {
  return OpacityFinder(chest).find();
}

void measure_opacities(const volume::CtVolume& hu, const volume::Labels& anatomy,
                       const volume::Labels& opacities, volume::Labels& findings,
                       Measurements& values) {
  const volume::Labels full = volume::resample_nearest(opacities, hu.grid());
  const LungSpans spans = lung_spans(anatomy);
  if (spans.left.empty() && spans.right.empty()) return;
  Tally lung;
  std::array<Tally, 2> kinds;
  for (int z = 0; z < hu.shape().z; ++z) {
    const std::array<int, 3> third = {0, spans.left.third(z), spans.right.third(z)};
    for (std::size_t i = hu.grid().offset(z, 0, 0); i < hu.grid().offset(z + 1, 0, 0); ++i) {
      const std::uint8_t side = anatomy[i];
      if (side != kLeftLung && side != kRightLung) continue;
      lung.add(side, third[side]);
      if (!full[i] || findings[i] != kNoFinding) continue;
      findings[i] = full[i];
      kinds[full[i] == kGroundGlass ? 0 : 1].add(side, third[side]);
    }
  }
  const std::array<Kind, 2> described = {
      Kind{kGroundGlass,
           "ground_glass",
           {"Ground glass", "Матовое стекло"},
           {"Areas at least 150 HU denser than the median of the lung up to -250 HU, thicker than "
            "vessels and fissures",
            "Участки плотнее медианы лёгкого на 150 HU и более, до −250 HU, толще сосудов и "
            "междолевых щелей"}},
      Kind{kConsolidation,
           "consolidation",
           {"Consolidation", "Консолидация"},
           {"Areas above -250 HU inside the lung fields, thicker than 10 mm, without nodules of "
            "up to 30 mm, vessels and pleural fluid",
            "Участки плотнее −250 HU в лёгочных полях толще 10 мм, без очагов до 30 мм, сосудов и "
            "плевральной жидкости"}}};
  const Text caveat{
      "By density alone: masses, atelectasis, scars and expiration look alike, and a round one of "
      "more than 30 mm is listed as a possible mass, too; of disease that lies on the "
      "mediastinum or the diaphragm a part may be missed, or all of it.",
      "Только по плотности: опухоль, ателектаз, рубцы и выдох неразличимы; округлый участок "
      "более 30 мм указывается и как возможное образование; изменения, прилежащие к средостению "
      "или диафрагме, могут быть учтены частично или пропущены."};
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const Kind& kind = described[k];
    const auto add = [&](const std::string& suffix, const Text& what, double value,
                         const char* unit) {
      values.add({.id = std::string(kind.id) + suffix,
                  .name = {kind.name.en + what.en, kind.name.ru + what.ru},
                  .value = value,
                  .unit = unit,
                  .decimals = 1,
                  .method = kind.method,
                  .source = "Hansell et al., Fleischner Society glossary, 2008",
                  .normal = std::nullopt,
                  .reliability = Reliability::limited,
                  .caveat = caveat});
    };
    const Tally& t = kinds[k];
    add(".volume", {", volume", ", объём"}, t.all * hu.grid().voxel_ml(), "mL");
    add(".percent", {", share of the lungs", ", доля лёгких"}, percent(t.all, lung.all), "%");
    add(".left.percent", {", share of the left lung", ", доля левого лёгкого"},
        percent(t.left, lung.left), "%");
    add(".right.percent", {", share of the right lung", ", доля правого лёгкого"},
        percent(t.right, lung.right), "%");
    add(".upper.percent", {", share of the upper thirds", ", доля верхних третей"},
        percent(t.third[0], lung.third[0]), "%");
    add(".middle.percent", {", share of the middle thirds", ", доля средних третей"},
        percent(t.third[1], lung.third[1]), "%");
    add(".lower.percent", {", share of the lower thirds", ", доля нижних третей"},
        percent(t.third[2], lung.third[2]), "%");
  }
}

}  // namespace thorax::measure
