// The pictures of a report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/overlay_draw.h"
#include "report/result.h"
#include "volume/volume.h"

namespace thorax::report {

struct CtPictureInput {
  const volume::CtVolume* hu = nullptr;
  const volume::Labels* anatomy = nullptr;      ///< for the field of view; may be absent
  std::vector<std::uint8_t> lung_values{1, 2};  ///< labels of `anatomy` that are lung
  MarkedLabels marked;                          ///< what to outline; may be empty
};

/// How strongly parts of a radiograph speak for pathology.
struct HeatLayer {
  int height = 0, width = 0;
  std::vector<double> values;  ///< log-odds, rows from the top; negative ones speak against it
  /// The rectangle of the radiograph's pixels that it covers.
  int top = 0, left = 0, shown_height = 0, shown_width = 0;
};

/// Less than this, at its strongest place, is not drawn: the answer hangs on no part.
inline constexpr double kFaintHeat = 0.1;

struct PictureOptions {
  int key_slices = 8;      ///< at most so many key slices
  int longest_side = 560;  ///< pixels
};

/// Key slices of the positive findings and lesions of `result` (most severe first; places in one
/// slice share a picture) and three planes through the most severe place, or the middle of the
/// lungs; each in the lung and the mediastinal window. Same input, same bytes.
std::vector<Picture> draw_ct_pictures(const CtPictureInput& input, const StudyResult& result,
                                      const PictureOptions& options = {});

/// The radiograph, its contrast stretched from the 0.5th to the 99.5th percentile, not enlarged,
/// at most `longest_side` * 2 pixels. `view` is ViewPosition ("PA", "AP", "LL") or empty. The heat
/// lies over it in bands of a fifth of its highest value.
std::vector<Picture> draw_xray_pictures(const volume::Image& image, const std::string& view,
                                        const PictureOptions& options = {},
                                        const std::optional<HeatLayer>& heat = {});

}  // namespace thorax::report
