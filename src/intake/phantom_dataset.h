// DICOM plumbing of the phantom's writers: what all objects share, transfer syntaxes.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dicom/dataset.h"
#include "intake/phantom_dicom.h"

namespace thorax::intake::phantom {

/// Attributes of the patient, study and equipment that all objects of a phantom share.
void put_study(DcmItem& item, const std::string& content_id);

/// A monochrome image of up to 16 bits a pixel, unsigned, as a DICOM file in the given transfer
/// syntax. Adds the Image Pixel module to `dataset`.
std::string encode_file(DcmFileFormat& file, const std::vector<std::uint16_t>& pixels, int rows,
                        int columns, int bits, PhantomSyntax syntax);

/// A JPEG 2000 lossless code stream (ISO/IEC 15444-1), one component, unsigned.
std::string encode_jpeg_2000(const std::vector<std::uint16_t>& pixels, int rows, int columns,
                             int bits);

}  // namespace thorax::intake::phantom
