// Projection images: stored values through the modality and VOI look-up to grey levels.
#pragma once

#include <optional>
#include <vector>

#include "intake/dicom_pixels.h"
#include "intake/dicom_values.h"

namespace thorax::intake {

/// A look-up table of the Modality LUT or VOI LUT module (PS3.3 C.11.1, C.11.2).
struct LookUpTable {
  std::int64_t first = 0;  ///< input value mapped to values.front()
  std::vector<double> values;
  double full_scale = 65535;  ///< largest output the table's bits allow
  double at(double input) const;
};

/// What turns stored values into grey levels of 0 to 255, bright = dense.
struct GreyPipeline {
  std::optional<LookUpTable> modality;
  double slope = 1, intercept = 0;
  std::optional<LookUpTable> voi;
  std::optional<double> window_center, window_width;
  std::string voi_function;  ///< LINEAR (default), LINEAR_EXACT or SIGMOID
  bool inverted = false;     ///< MONOCHROME1
};

GreyPipeline read_grey_pipeline(const DicomItem& item, const PixelFormat& format);

/// Writes format.pixels() * channels values of 0 to 255. Without a window the values that occur
/// (padding left out) are stretched. Padding becomes 0.
void render_grey(std::span<const std::uint8_t> samples, const PixelFormat& format,
                 const GreyPipeline& pipeline, std::span<float> out);

/// RGB, YBR_FULL and PALETTE COLOR to interleaved RGB of 0 to 255. Throws
/// Error(unsupported_pixels).
void render_colour(std::span<const std::uint8_t> samples, const PixelFormat& format,
                   const DicomItem& item, std::span<float> out);

/// 3 for colour pictures, 1 for grey ones.
int image_channels(int samples, const std::string& photometric);

}  // namespace thorax::intake
