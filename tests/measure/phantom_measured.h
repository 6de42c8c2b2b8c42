// A phantom and what was measured on it.
#pragma once

#include "intake/phantom.h"
#include "measure/ct.h"

namespace thorax::measure::testing {

struct PhantomMeasured {
  intake::Phantom phantom;
  CtMeasurements measured;

  explicit PhantomMeasured(intake::PhantomOptions options) {
    options.size = 256;
    options.slice_mm = 2.5;
    phantom = intake::make_phantom(options);
    measured = measure_ct(phantom.hu, {.noise_hu = options.noise_hu});
  }

  double value(const char* id) const { return measured.values.value(id).value_or(-1); }
  double true_finding_ml(int label) const { return ml(phantom.findings, label); }
  double true_lung_ml(int label) const { return ml(phantom.anatomy, label); }

 private:
  static double ml(const volume::Labels& labels, int label) {
    double n = 0;
    for (const std::uint8_t v : labels.voxels()) n += v == label;
    return n * labels.grid().voxel_ml();
  }
};

}  // namespace thorax::measure::testing
