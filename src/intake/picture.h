// JPEG and PNG pictures of radiographs.
#pragma once

#include <span>
#include <string>

#include "intake/child_bytes.h"
#include "intake/child_sniff.h"
#include "intake/series_model.h"

namespace thorax::intake {

/// The header of a picture as one instance without UIDs and without spacing: pictures do not say
/// how large the patient is. Rows and columns are those of the upright picture. `kind` is
/// Content::jpeg or Content::png. Throws Error(picture_broken) and Error(image_too_large).
FileHeader read_picture_header(const Bytes& file, Content kind, const std::string& shown,
                               const Limits& limits);

/// Decodes a picture as grey (1) or RGB (3) levels of 0 to 255, rows from the top; 16-bit PNG keeps
/// its precision as fractions, transparency is dropped. A JPEG is turned as its EXIF says. Throws
/// Error(picture_broken).
void decode_picture(const Bytes& file, Content kind, std::span<float> out);

}  // namespace thorax::intake
