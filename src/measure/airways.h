// Trachea and main bronchi.
#pragma once

#include "base/measurement.h"
#include "measure/ct.h"

namespace thorax::measure {

struct Airways {
  /// Air inside the trachea and the main bronchi, on a grid of about 1.25 mm over the whole volume;
  /// empty when no trachea was found.
  volume::Mask lumen;
  double trachea_diameter_mm = 0;  ///< of the circle of the same area, median over 45 mm
  int trachea_slices = 0;          ///< slices of the working grid that show the trachea
  int carina_z = 0;                ///< index of the lowest of them
  bool leaked = false;             ///< only the trachea was kept: growing ran into the lungs
};

/// Finds the trachea as the longest chain of round air-filled sections near the midline with lung
/// beside its lower end, then grows down the bronchi with a rising threshold and stops before the
/// growth bursts into the lung (after Mori et al., Automated Extraction of Bronchus Area from
/// Three-Dimensional X-ray CT Images, 1994). What is thinner than 5 mm is left to the lungs.
Airways find_airways(const volume::CtVolume& hu);

/// airways.trachea.diameter; airways.volume is counted on the anatomy labels.
void add_airway_measurements(const Airways& airways, const volume::Labels& anatomy,
                             Measurements& values);

}  // namespace thorax::measure
