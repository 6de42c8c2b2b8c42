// A phantom and what was measured on it.
#pragma once

#include <string>

#include "intake/phantom.h"
#include "measure/airways.h"
#include "measure/ct.h"
#include "measure/lungs.h"
#include "measure/opacity.h"
#include "measure/pleura.h"

namespace thorax::measure::testing {

struct PhantomMeasured {
  intake::Phantom phantom;
  CtMeasurements measured;

  explicit PhantomMeasured(intake::PhantomOptions options, double slice_mm = 2.5) {
    options.size = 256;
    options.slice_mm = slice_mm;
    phantom = intake::make_phantom(options);
    measured = measure_ct(phantom.hu, {.noise_hu = options.noise_hu});
  }

  /// Only what fills the lung fields is measured, which is much quicker.
  static PhantomMeasured lungs(intake::PhantomOptions options, double slice_mm) {
    PhantomMeasured p;
    options.size = 256;
    options.slice_mm = slice_mm;
    p.phantom = intake::make_phantom(options);
    const volume::CtVolume& hu = p.phantom.hu;
    const Airways airways = find_airways(hu);
    const CoarseChest chest = find_lungs(hu, airways);
    p.measured.anatomy = refine_anatomy(hu, chest, airways);
    p.measured.findings = volume::Labels(hu.grid());
    measure_pleura(hu, chest, p.measured.anatomy, p.measured.findings, p.measured.values);
    measure_opacities(hu, p.measured.anatomy, find_opacities(chest), p.measured.findings,
                      p.measured.values);
    add_lung_measurements(hu, p.measured.anatomy, p.measured.findings, p.measured.values);
    return p;
  }

  double value(const std::string& id) const { return measured.values.value(id).value_or(-1); }
  double true_finding_ml(int label) const { return ml(phantom.findings, label); }
  /// On the side of one lung; the phantom's sides meet at x = 0.
  double true_finding_ml(int label, int side) const {
    const volume::Labels& truth = phantom.findings;
    double n = 0;
    for (std::size_t i = 0; i < truth.size(); ++i)
      n += truth[i] == label &&
           (truth.grid().position(truth.grid().at(i)).x > 0) == (side == kLeftLung);
    return n * truth.grid().voxel_ml();
  }
  double true_lung_ml(int label) const { return ml(phantom.anatomy, label); }

 private:
  PhantomMeasured() = default;

  static double ml(const volume::Labels& labels, int label) {
    double n = 0;
    for (const std::uint8_t v : labels.voxels()) n += v == label;
    return n * labels.grid().voxel_ml();
  }
};

}  // namespace thorax::measure::testing
