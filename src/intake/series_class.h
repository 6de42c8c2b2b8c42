// What kind of picture an instance is, from SOP class, Image Type and descriptions.
#pragma once

#include "intake/study.h"

namespace thorax::intake {

enum class ImageClass {
  original,           ///< CT slices as reconstructed from the scan, or a non-DICOM volume
  radiograph,         ///< projection X-ray, or a picture file
  derived,            ///< reformats and other computed slices that still carry HU (MPR, DERIVED)
  projection,         ///< MIP, MinIP, averages over slabs, renderings: not HU of a place
  localizer,          ///< scout, topogram
  dose_screen,        ///< dose report, patient protocol
  secondary_capture,  ///< screen captures, colour pictures inside a DICOM study
  other_modality,     ///< MR, PT, US …
  no_pixels,          ///< SR, RTSTRUCT, presentation state …
};

/// Classifies by, in this order: pixels present; modality; localizer; dose screen; secondary
/// capture (SOP class or colour); projection; derived. Image Type values follow PS3.3 C.7.6.1.1.2
/// and C.8.2.1.1.1; the words of vendors (CSA MPR, MIP, REFORMATTED …) are added.
ImageClass classify(const SeriesHeader& header, const Instance& instance);

/// True for the modalities of chest radiographs: CR, DX, RG (and DR, a retired habit).
bool is_radiograph_modality(const std::string& modality);

}  // namespace thorax::intake
