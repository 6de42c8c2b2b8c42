#include "measure/ct.h"

#include <future>

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

/// Paints `nodules` over the findings. What the pleura holds is no nodule: fluid and free air keep
/// their labels, and the candidates in them are dropped.
void add_nodules(const volume::Labels& nodules, CtMeasurements& measured) {
  const auto pleural = [](std::uint8_t label) {
    return label == kPleuralEffusion || label == kPneumothorax;
  };
  volume::Labels& findings = measured.findings;
  std::erase_if(measured.nodules, [&](const Nodule& nodule) {
    const auto& [z, y, x] = nodule.place.voxel;
    return pleural(findings(z, y, x));
  });
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (nodules[i] && !pleural(findings[i])) findings[i] = nodules[i];
}

}  // namespace

CtMeasurements measure_ct(const volume::CtVolume& hu, const CtContext& context,
                          const Progress& progress) {
  CtMeasurements out;
  progress.report("airways", 0);
  const Airways airways = find_airways(hu);
  progress.report("lungs", 0.05);
  const CoarseChest chest = find_lungs(hu, airways);
  out.anatomy = refine_anatomy(hu, chest, airways);
  out.findings = volume::Labels(hu.grid());
  progress.report("pleura", 0.35);
  measure_pleura(hu, chest, out.anatomy, out.findings, out.values);
  // The longest single step leaves cores idle, and needs nothing of what follows.
  volume::Labels nodules(hu.grid());
  std::future<std::vector<Nodule>> found = std::async(
      std::launch::async,
      [&, lungs = out.anatomy.clone()] { return find_nodules(hu, lungs, context, nodules); });
  progress.report("opacities", 0.5);
  measure_opacities(hu, out.anatomy, find_opacities(chest), out.findings, out.values);
  progress.report("densities", 0.6);
  add_lung_measurements(hu, out.anatomy, out.findings, out.values);
  add_airway_measurements(airways, out.anatomy, out.values);
  measure_emphysema(hu, out.anatomy, context, out.findings, out.values);
  out.regions = list_regions(chest.hu, out.anatomy, out.findings);
  progress.report("spine", 0.65);
  measure_spine(hu, out.anatomy, context, out.values);
  progress.report("heart", 0.7);
  measure_heart(hu, out.anatomy, out.values, out.regions, out.findings, context);
  progress.report("nodules", 0.85);
  out.nodules = found.get();
  add_nodules(nodules, out);
  add_nodule_measurements(out.nodules, context, out.values);
  out.lung_histogram = lung_histogram(out, hu);
  progress.report("measured", 1);
  return out;
}

}  // namespace thorax::measure
