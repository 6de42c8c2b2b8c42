// How the findings are marked on pictures.
#pragma once

#include <string>
#include <vector>

#include "report/result.h"

namespace thorax::report {

/// What a contour can stand for.
enum class Mark {
  emphysema,
  ground_glass,
  consolidation,
  pleural_effusion,
  pericardial_effusion,
  pneumothorax,
  nodule,
  coronary_calcification,
  aortic_calcification,
};

struct MarkStyle {
  LegendItem legend;
  bool dust = false;                  ///< many small islands: tinted, without contours
  std::vector<std::string> findings;  ///< ids of the findings whose evidence it is
  std::string window;                 ///< where it is seen best: "lung" | "mediastinum"
};

/// Colours stay apart in the three common forms of colour blindness and on black; the tag says the
/// same without colour.
const MarkStyle& style(Mark mark);

/// The tag and colour of a finding's lesions; a neutral one for findings without a mark.
LegendItem lesion_legend(const std::string& finding_id);

/// The window in which a finding is seen best.
std::string best_window(const std::string& finding_id);

}  // namespace thorax::report
