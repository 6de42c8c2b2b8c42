// Every threshold of the gate and of the trust verdict, in one place.
#pragma once

namespace thorax::quality {

struct Limits {
  // --- Chest gate, CT (on a grid of about 4 mm) ---
  int min_slices = 10;              ///< fewer are no volume
  double min_lung_ml = 150;         ///< aerated lung; less is no chest (infants have about 200)
  double min_section_share = 0.12;  ///< of the body's section that the lungs take at their widest
  double min_side_ml = 40;          ///< a side with less is called airless, and said
  double max_mean_lung_hu = -450;   ///< denser is no lung; ARDS stays below
  double min_mean_lung_hu = -960;   ///< emptier is gas in the bowel, or a tube of air
  double min_coverage = 0.6;        ///< estimated share of the lungs' height that must be there
  double min_hu_share = 0.02;       ///< of air and of soft tissue each, or values are no HU

  // --- Trust: beyond these a study is usable only, or unfit ---
  double usable_missing_percent = 2;    ///< more missing slices: usable
  double unfit_missing_percent = 30;    ///< more: unfit
  double usable_spacing_mm = 5;         ///< wider slice spacing: usable (nodules are missed)
  double unfit_spacing_mm = 12;         ///< wider: unfit (beyond sparse HRCT of 10 mm)
  double usable_noise_hu = 45;          ///< soft tissue; more: usable
  double unfit_noise_hu = 150;          ///< more: unfit
  double usable_body_cut_percent = 25;  ///< of the body's outline outside the field of view
  double usable_lung_cut_cm2 = 10;      ///< lung surface on the border of the field of view
  double usable_tilt_degrees = 5;       ///< tilt or obliquity that had to be resampled
  double dense_ml = 2;          ///< of voxels beyond metal_hu: streaks are to be expected, and said
  double usable_metal_ml = 20;  ///< of voxels beyond metal_hu
  double metal_hu = 2500;
  double contrast_hu = 100;  ///< blood denser than this carries contrast agent
};

/// Thresholds of the X-ray gate; the signs are those of quality/xray_picture.h.
struct XrayLimits {
  int min_side_px = 100;
  double min_aspect = 0.5, max_aspect = 2.7;  ///< width / height
  double min_contrast = 0.05;                 ///< grey range as a share of the brightest value
  double max_colour = 0.08;
  double min_lung_contrast = 0.06;
  double min_abdomen_contrast = 0.05;
  double max_black_share = 0.30;
  double min_symmetry = -0.1;
  double min_likeness = 0.10;
  double min_pattern = 0.55;
  double min_detail = 0.006;
  double clear_likeness = 0.35;  ///< less: usable, lungs hardly visible
  double sure_pattern = 0.70;    ///< to call a picture a negative or turned,
  double turned_margin = 0.10;   ///< and how much better it has to match when turned back
};

}  // namespace thorax::quality
