// A fast look at where the lungs are, on a coarse grid: what the gate and the coverage need.
// The measure room segments them properly.
#pragma once

#include "intake/study.h"

namespace thorax::quality {

struct LungSurvey {
  volume::CtVolume hu;   ///< block means on a grid of about 4 mm
  volume::Mask body;     ///< body with its cavities, on the same grid
  volume::Mask lungs;    ///< aerated lung and central airways, on the same grid
  volume::Mask outside;  ///< 1 where the scanner gave no value; may be empty
  double left_ml = 0, right_ml = 0, mean_hu = 0;
  double section_share = 0;        ///< lungs / body in the axial section where the lungs are widest
  double low_mm = 0, high_mm = 0;  ///< patient z of the lowest and highest section with lung
  double height_mm = 0;            ///< between them, one slice included
  double body_width_mm = 0;        ///< left to right where the lungs are widest
  bool cut_at_top = false, cut_at_bottom = false;  ///< lung goes on beyond the volume
  double coverage = 0;          ///< estimated share of the lungs' height inside the volume, 0 to 1
  double lung_cut_cm2 = 0;      ///< lung surface on the lateral border of the field of view
  double body_cut_percent = 0;  ///< of the body's outline, where there are lungs

  double total_ml() const { return left_ml + right_ml; }
};

/// Finds air inside the body: voxels below -400 HU that the surrounding air does not reach in their
/// axial slice. The surrounding air enters from the border of the field of view only where that is
/// emptier than lung (-900 HU), so that lungs cut by a small field of view are found too. Keeps the
/// connected regions that are large, dense enough for lung and near the largest one.
///
/// Coverage: 1 when the section of the lungs has faded out at both ends of the volume. Where it has
/// not, the height is compared with that of a whole lung, taken as 0.72 of the body's width there
/// but no less than what is seen (adult lungs: 200 to 300 mm at 300 to 400 mm of width).
LungSurvey survey_lungs(const intake::LoadedVolume& ct);

}  // namespace thorax::quality
