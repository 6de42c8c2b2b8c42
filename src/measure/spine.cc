#include "measure/spine.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "volume/filter.h"
#include "volume/morphology.h"
#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

using volume::CtVolume;
using volume::Grid;
using volume::Index;
using volume::Labels;
using volume::Mask;
using volume::Vec3;

constexpr double kRoiX = 9, kRoiY = 7;      // mm, well inside the cortex
constexpr double kBodyX = 18, kBodyY = 15;  // mm, reach of a thoracic vertebral body
constexpr double kBodyBack = 13;            // mm, the canal begins behind
constexpr double kMarrowGap = 3;            // mm
constexpr std::int16_t kBoneHu = 100;
constexpr double kLeastRun = 8;     // mm; discs are thinner, bodies thicker
constexpr double kLowerPart = 0.6;  // of the path: below the upper thoracic bodies

double ellipse(Vec3 p, Vec3 centre, double rx, double ry) {
  const double x = (p.x - centre.x) / rx, y = (p.y - centre.y) / ry;
  return x * x + y * y;
}

// Mean HU of the ROI on each slice of the path.
std::vector<double> roi_means(const CtVolume& hu, const SpinePath& spine) {
  const Grid& grid = hu.grid();
  std::vector<double> means;
  for (std::size_t i = 0; i < spine.centres.size(); ++i) {
    const int z = spine.low_z + static_cast<int>(i);
    const Vec3 c = spine.centres[i];
    const auto at = grid.index(c);
    const int ry = static_cast<int>(kRoiY / grid.spacing.y) + 1,
              rx = static_cast<int>(kRoiX / grid.spacing.x) + 1;
    const int y0 = static_cast<int>(at[1]), x0 = static_cast<int>(at[2]);
    double sum = 0;
    int n = 0;
    for (int y = std::max(0, y0 - ry); y <= std::min(grid.shape.y - 1, y0 + ry); ++y)
      for (int x = std::max(0, x0 - rx); x <= std::min(grid.shape.x - 1, x0 + rx); ++x)
        if (ellipse(grid.position(z, y, x), c, kRoiX, kRoiY) <= 1) {
          sum += hu(z, y, x);
          ++n;
        }
    means.push_back(n ? sum / n : 0);
  }
  return means;
}

struct Density {
  double hu = 0;
  int levels = 0;
};

double percentile(std::vector<double> values, double p) {
  const auto k = static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + k, values.end());
  return values[static_cast<std::size_t>(k)];
}

// End plates stand out as dense slices; between two of them lies a thick body or a thin disc. The
// middle halves of the thick runs are averaged, each body counting once.
Density trabecular_density(const std::vector<double>& profile, double slice_mm) {
  const auto lower = static_cast<std::size_t>(kLowerPart * static_cast<double>(profile.size()));
  if (lower < 3) return {};
  const std::vector<double> part(profile.begin(),
                                 profile.begin() + static_cast<std::ptrdiff_t>(lower));
  const double base = percentile(part, 0.25);
  const double limit = base + 0.35 * (percentile(part, 0.9) - base);
  const double least = std::max(2.0, kLeastRun / slice_mm);
  constexpr double kBodyMm = 22;  // of one level; a flat profile is cut into such pieces
  Density density;
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < part.size();) {
    std::size_t end = i;
    while (end < part.size() && part[end] <= limit) ++end;
    const auto length = static_cast<double>(end - i);
    if (length >= least) {
      const auto trim = static_cast<std::size_t>(length / 4);
      double run = 0;
      for (std::size_t k = i + trim; k < end - trim; ++k) run += part[k];
      const double levels = std::max(1.0, std::round(length * slice_mm / kBodyMm));
      sum += levels * run / static_cast<double>(end - i - 2 * trim);
      weight += levels;
    }
    i = std::max(end, i + 1);
  }
  if (weight == 0) return {};
  density.hu = sum / weight;
  density.levels = static_cast<int>(weight);
  return density;
}

// Bone with what it encloses, inside the reach of a body on each slice.
void mark_bodies(const CtVolume& hu, const SpinePath& spine, Labels& anatomy) {
  const Grid& grid = hu.grid();
  Index low{spine.low_z, grid.shape.y, grid.shape.x}, high{spine.high_z() + 1, 0, 0};
  for (const Vec3& c : spine.centres) {
    const auto at = grid.index(c);
    const int ry = static_cast<int>(kBodyY / grid.spacing.y) + 2,
              rx = static_cast<int>(kBodyX / grid.spacing.x) + 2;
    low.y = std::clamp(static_cast<int>(at[1]) - ry, 0, low.y);
    low.x = std::clamp(static_cast<int>(at[2]) - rx, 0, low.x);
    high.y = std::clamp(static_cast<int>(at[1]) + ry + 1, high.y, grid.shape.y);
    high.x = std::clamp(static_cast<int>(at[2]) + rx + 1, high.x, grid.shape.x);
  }
  const CtVolume window = volume::median_axial(volume::crop(hu, low, high));
  Mask bone(window.grid());
  const auto reach = [&](int z, int y, int x) {
    const Vec3 c = spine.centres[static_cast<std::size_t>(z)];
    const Vec3 p = window.grid().position(z, y, x);
    return ellipse(p, c, kBodyX, kBodyY) <= 1 && p.y - c.y <= kBodyBack;
  };
  const auto& shape = window.shape();
  for (int z = 0; z < shape.z; ++z)
    for (int y = 0; y < shape.y; ++y)
      for (int x = 0; x < shape.x; ++x) bone(z, y, x) = window(z, y, x) > kBoneHu && reach(z, y, x);
  // Marrow of an osteoporotic body is below the bone threshold and opens at the back.
  bone = volume::close(bone, kMarrowGap);
  volume::fill_holes_axial(bone);
  for (int z = 0; z < shape.z; ++z)
    for (int y = 0; y < shape.y; ++y)
      for (int x = 0; x < shape.x; ++x) {
        std::uint8_t& label = anatomy(low.z + z, low.y + y, low.x + x);
        if (bone(z, y, x) && reach(z, y, x) && label == kNoAnatomy) label = kSpine;
      }
}

}  // namespace

void measure_spine(const CtVolume& hu, Labels& anatomy, const CtContext& context,
                   Measurements& values) {
  const SpinePath spine = find_spine(hu, anatomy);
  if (spine.empty()) return;
  mark_bodies(hu, spine, anatomy);
  const Density density = trabecular_density(roi_means(hu, spine), hu.grid().spacing.z);
  if (density.levels == 0) return;

  Reliability reliability = Reliability::limited;
  Text caveat{"The cut-offs were found on L1; thoracic bodies are somewhat denser.",
              "Пороги установлены для L1; грудные позвонки несколько плотнее."};
  if (context.contrast) {
    caveat.en += " Contrast medium adds some 10 to 20 HU.";
    caveat.ru += " Контрастное вещество добавляет примерно 10–20 HU.";
  }
  if (density.levels < 2) {
    reliability = Reliability::weak;
    caveat.en += " Only one level could be used.";
    caveat.ru += " Использован только один уровень.";
  }
  const std::string levels = std::to_string(density.levels);
  values.add(
      {.id = "spine.trabecular_hu",
       .name = {"Vertebral trabecular density", "Плотность губчатой кости позвонков"},
       .value = density.hu,
       .unit = "[hnsf'U]",
       .decimals = 0,
       .method = {"Mean over the middle of " + levels +
                      " vertebral bodies in the lower part of the chest (about T7 to T12), "
                      "ellipse of 18 x 14 mm inside the cortex; from 110 to 160 HU bone "
                      "densitometry is advised, below 110 HU osteoporosis is likely",
                  "Среднее по средней части " + levels +
                      " тел позвонков нижней половины грудной клетки (примерно T7–T12), "
                      "эллипс 18 × 14 мм внутри кортикального слоя; при 110–160 HU "
                      "рекомендуется денситометрия, ниже 110 HU вероятен остеопороз"},
       .source = "Pickhardt et al., Ann Intern Med 158:588, 2013",
       .normal = NormalRange{110.0, std::nullopt, "Pickhardt et al., Ann Intern Med 158:588, 2013"},
       .reliability = reliability,
       .caveat = caveat});
}

}  // namespace thorax::measure
