#include "measure/lungs.h"

#include <cmath>

#include "base/parallel.h"
#include "measure/body.h"
#include "measure/lungs_air.h"
#include "measure/lungs_dense.h"
#include "measure/lungs_grow.h"
#include "measure/pleura.h"
#include "measure/thirds.h"
#include "volume/box.h"
#include "volume/morphology.h"
#include "volume/resample.h"
#include "volume/statistics.h"

namespace thorax::measure {
namespace {

constexpr double kCoarseMm = 2.0;
constexpr int kPaddingHu = -1018;  ///< below: no reconstructed air

/// Threshold half-way between the means of lung and tissue inside the body, iterated (Hu et al.,
/// Automatic Lung Segmentation for Accurate Quantitation, IEEE TMI 2001;20:490, section II.A).
int adaptive_threshold(const volume::CtVolume& hu, const volume::Mask& body) {
  const volume::HuHistogram h = volume::histogram(hu, &body);
  int threshold = -500;
  for (int round = 0; round < 50; ++round) {
    double low = 0, low_n = 0, high = 0, high_n = 0;
    for (std::size_t k = 0; k < h.counts().size(); ++k) {
      const double value = h.low() + static_cast<double>(k);
      const auto n = static_cast<double>(h.counts()[k]);
      if (value < kPaddingHu || value > 300) continue;
      (value < threshold ? low : high) += n * value;
      (value < threshold ? low_n : high_n) += n;
    }
    if (low_n < 1 || high_n < 1) break;
    const int next = static_cast<int>(std::lround((low / low_n + high / high_n) / 2));
    if (next == threshold) break;
    threshold = next;
  }
  return std::clamp(threshold, -500, -350);
}

/// Leaves the lungs with the chest wall, and some centimetres below for fluid.
void crop_to_lungs(CoarseChest& chest) {
  constexpr double kMarginMm = 36;
  const volume::Box box = box_around(chest.air, kMarginMm);
  chest.hu = volume::crop(chest.hu, box.low, box.high);
  for (volume::Mask* mask : {&chest.body, &chest.airways, &chest.air})
    *mask = volume::crop(*mask, box.low, box.high);
}

/// Each side closed over vessels and fissures.
volume::Labels close_sides(const volume::Labels& sides, const volume::Mask& airways) {
  constexpr double kCloseMm = 9.0;
  volume::Labels out = sides.clone();
  for (const std::uint8_t side : {std::uint8_t{kLeftLung}, std::uint8_t{kRightLung}}) {
    volume::Mask one(sides.grid());
    for (std::size_t i = 0; i < one.size(); ++i) one[i] = sides[i] == side;
    volume::Mask closed = volume::close(one, kCloseMm);
    volume::fill_holes(closed);
    for (std::size_t i = 0; i < closed.size(); ++i)
      if (closed[i] && !out[i] && !airways[i]) out[i] = side;
  }
  return out;
}

}  // namespace

CoarseChest find_lungs(const volume::CtVolume& hu, const Airways& airways) {
  CoarseChest chest;
  chest.hu = volume::shrink_mean(hu, volume::isotropic_grid(hu.grid(), kCoarseMm));
  chest.body = body_mask(chest.hu);
  chest.airways = airways.lumen.empty() ? volume::Mask(chest.hu.grid())
                                        : volume::resample_nearest(airways.lumen, chest.hu.grid());
  chest.threshold_hu = adaptive_threshold(chest.hu, chest.body);

  // The wall of a main bronchus is 1 to 2 mm thick and averages with the lumen on this grid.
  constexpr double kWallMm = 2.0;
  const volume::Mask tubes = volume::dilate(chest.airways, kWallMm);
  volume::Mask airy(chest.hu.grid());
  for (std::size_t i = 0; i < airy.size(); ++i)
    airy[i] = chest.hu[i] > kPaddingHu && chest.hu[i] < chest.threshold_hu && !tubes[i];
  chest.air = label_lung_air(chest.hu, chest.body, airy);
  crop_to_lungs(chest);
  chest.cage = Cage(chest.hu, chest.body, chest.air);
  chest.fluid = find_pleural_fluid(chest);
  const volume::Labels dense = find_dense_lung(chest);
  volume::Labels content = chest.air.clone();
  for (std::size_t i = 0; i < content.size(); ++i)
    if (!content[i]) content[i] = chest.fluid[i] ? chest.fluid[i] : dense[i];
  chest.field = close_sides(content, chest.airways);
  return chest;
}

volume::Labels refine_anatomy(const volume::CtVolume& hu, const CoarseChest& chest,
                              const Airways& airways) {
  const std::size_t n = chest.field.size();
  // Sure: dense parts, and air one voxel and more inside. Open: one voxel around the surface.
  volume::Mask field(chest.field.grid()), air(chest.field.grid());
  for (std::size_t i = 0; i < n; ++i) {
    field[i] = chest.field[i] != 0;
    air[i] = chest.air[i] != 0;
  }
  const double step = 1.01 * std::max({chest.hu.grid().spacing.x, chest.hu.grid().spacing.y});
  const volume::Mask inner = volume::erode(field, step);
  volume::Labels open = chest.field.clone();
  for (std::size_t i = 0; i < n; ++i)
    if (!air[i]) open[i] = 0;
  volume::Mask around(chest.field.grid(), 1);
  grow_labels(open, around, 1);
  volume::Labels sure = chest.field.clone();
  for (std::size_t i = 0; i < n; ++i) {
    if (!inner[i] && air[i]) sure[i] = 0;
    if (chest.field[i] && open[i] != chest.field[i]) open[i] = 0;
  }
  volume::Labels out = volume::resample_nearest(sure, hu.grid());
  const volume::Labels open_full = volume::resample_nearest(open, hu.grid());
  volume::Labels lumen;
  if (!airways.lumen.empty()) lumen = volume::resample_nearest(airways.lumen, hu.grid());
  constexpr int kLumenHu = -500;
  parallel_for(out.size(), 1U << 20, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (!lumen.empty() && lumen[i] && hu[i] < kLumenHu)
        out[i] = kAirways;
      else if (!out[i] && open_full[i] && hu[i] < chest.threshold_hu)
        out[i] = open_full[i];
    }
  });
  return out;
}

void add_lung_measurements(const volume::CtVolume& hu, const volume::Labels& anatomy,
                           const volume::Labels& findings, Measurements& values) {
  volume::HuHistogram density(-1100, 300);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < hu.size(); ++i) {
    if (anatomy[i] != kLeftLung && anatomy[i] != kRightLung) continue;
    (anatomy[i] == kLeftLung ? left : right) += hu.grid().voxel_ml();
    if (findings[i] != kPleuralEffusion && findings[i] != kPneumothorax) density.add(hu[i]);
  }
  if (left + right <= 0) return;
  const LungSpans spans = lung_spans(anatomy);
  const bool cut = !spans.left.empty() && !spans.right.empty() &&
                   (std::min(spans.left.low_z, spans.right.low_z) == 0 ||
                    std::max(spans.left.high_z, spans.right.high_z) == hu.shape().z - 1);
  const Text cut_caveat{"The scan does not cover the whole lungs.",
                        "Скан охватывает лёгкие не полностью."};
  const auto add = [&](const char* id, Text name, double value, const char* unit, Text method,
                       const char* source, std::optional<NormalRange> normal) {
    values.add({.id = id,
                .name = std::move(name),
                .value = value,
                .unit = unit,
                .decimals = 0,
                .method = std::move(method),
                .source = source,
                .normal = std::move(normal),
                .reliability = cut ? Reliability::limited : Reliability::good,
                .caveat = cut ? cut_caveat : Text{}});
  };
  const Text method{
      "Volume of the lung field: air-filled lung by adaptive threshold, closed over vessels, with "
      "dense disease, effusion and pneumothorax inside the pleural cavity",
      "Объём лёгочного поля: воздушная ткань по адаптивному порогу с сосудами, плотными "
      "изменениями, выпотом и пневмотораксом в плевральной полости"};
  const char* source = "Hu, Hoffman, Reinhardt 2001";
  add("lung.left.volume", {"Left lung volume", "Объём левого лёгкого"}, left, "mL", method, source,
      std::nullopt);
  add("lung.right.volume", {"Right lung volume", "Объём правого лёгкого"}, right, "mL", method,
      source, std::nullopt);
  add("lung.total.volume", {"Total lung volume", "Общий объём лёгких"}, left + right, "mL", method,
      source, std::nullopt);
  const auto height = [&](const LungSpan& span) {
    return (span.high_z - span.low_z + 1) * hu.grid().spacing.z;
  };
  const Text height_method{"From the lowest to the highest slice of the lung field",
                           "От нижнего до верхнего среза лёгочного поля"};
  add("lung.left.height", {"Left lung height", "Высота левого лёгкого"}, height(spans.left), "mm",
      height_method, "", std::nullopt);
  add("lung.right.height", {"Right lung height", "Высота правого лёгкого"}, height(spans.right),
      "mm", height_method, "", std::nullopt);
  if (density.total() == 0) return;
  add("lung.mean_hu", {"Mean lung density", "Средняя плотность лёгких"}, density.mean(), "[hnsf'U]",
      {"Mean over the lung fields without airways, effusion and pneumothorax",
       "Среднее по лёгочным полям без дыхательных путей, выпота и пневмоторакса"},
      "", std::nullopt);
}

}  // namespace thorax::measure
