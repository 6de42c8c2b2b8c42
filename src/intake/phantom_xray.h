// The chest X-ray of the phantom: its CT volume projected onto a detector.
#pragma once

#include <string>

#include "intake/phantom.h"

namespace thorax::intake {

struct PhantomXrayOptions {
  int columns = 1024;       ///< of the detector; rows follow from the height of the volume
  double source_mm = 1800;  ///< from the X-ray source to the detector
  double noise = 0.004;     ///< relative quantum noise behind no patient; 0 for none
};

/// A standing PA projection (the patient faces the detector), 0 to 4095, bright where much was in
/// the way, the patient's right on the left. Line integrals of attenuation by Beer and Lambert
/// (0.0195 / mm for water at about 70 keV) through a cone beam, without the table, on a
/// logarithmic scale with a display curve. `drawn` are the options the phantom was painted with.
volume::Image project_xray(const Phantom& phantom, const PhantomOptions& drawn,
                           const PhantomXrayOptions& options, const Progress& progress = {});

/// A Digital X-Ray Image - For Presentation (PS3.3 A.26), PA chest.
std::string encode_xray_dicom(const volume::Image& image);
/// An 8-bit grey PNG.
std::string encode_xray_png(const volume::Image& image);

}  // namespace thorax::intake
