#include "measure/ct.h"

#include "measure/airways.h"
#include "measure/emphysema.h"
#include "measure/heart.h"
#include "measure/lungs.h"
#include "measure/nodules.h"
#include "measure/opacity.h"
#include "measure/pleura.h"
#include "measure/regions.h"
#include "measure/spine.h"

namespace thorax::measure {
namespace {

std::vector<std::uint64_t> lung_histogram(const CtMeasurements& measured,
                                          const volume::CtVolume& hu) {
  constexpr int kLow = -1024, kHigh = 200;
  std::vector<std::uint64_t> counts(kHigh - kLow);
  for (std::size_t i = 0; i < hu.size(); ++i) {
    const std::uint8_t label = measured.anatomy[i];
    if ((label == kLeftLung || label == kRightLung) && hu[i] >= kLow && hu[i] < kHigh)
      ++counts[static_cast<std::size_t>(hu[i] - kLow)];
  }
  return counts;
}

/// What the pleura holds is no nodule: gives fluid and free air their labels back and drops the
/// candidates in them.
void keep_pleura(const volume::Labels& before, CtMeasurements& measured) {
  const auto pleural = [](std::uint8_t label) {
    return label == kPleuralEffusion || label == kPneumothorax;
  };
  for (std::size_t i = 0; i < before.size(); ++i)
    if (pleural(before[i])) measured.findings[i] = before[i];
  std::erase_if(measured.nodules, [&](const Nodule& nodule) {
    const auto& [z, y, x] = nodule.place.voxel;
    return pleural(before(z, y, x));
  });
}

}  // namespace

CtMeasurements measure_ct(const volume::CtVolume& hu, const CtContext& context,
                          const Progress& progress) {
  CtMeasurements out;
  progress.report("airways", 0);
  const Airways airways = find_airways(hu);
  progress.report("lungs", 0.2);
  const CoarseChest chest = find_lungs(hu, airways);
  out.anatomy = refine_anatomy(hu, chest, airways);
  out.findings = volume::Labels(hu.grid());
  progress.report("pleura", 0.5);
  measure_pleura(hu, chest, out.anatomy, out.findings, out.values);
  progress.report("opacities", 0.6);
  measure_opacities(hu, out.anatomy, find_opacities(chest), out.findings, out.values);
  progress.report("densities", 0.7);
  add_lung_measurements(hu, out.anatomy, out.findings, out.values);
  add_airway_measurements(airways, out.anatomy, out.values);
  measure_emphysema(hu, out.anatomy, context, out.findings, out.values);
  out.regions = list_regions(chest.hu, out.anatomy, out.findings);  // before nodules paint over
  progress.report("spine", 0.75);
  measure_spine(hu, out.anatomy, context, out.values);
  progress.report("heart", 0.8);
  measure_heart(hu, out.anatomy, out.values, out.regions, out.findings, context);
  progress.report("nodules", 0.85);
  const volume::Labels before = out.findings.clone();
  out.nodules = find_nodules(hu, out.anatomy, context, out.findings);
  keep_pleura(before, out);
  add_nodule_measurements(out.nodules, context, out.values);
  out.lung_histogram = lung_histogram(out, hu);
  progress.report("measured", 1);
  return out;
}

}  // namespace thorax::measure
