#include "pipeline/marks.h"

#include "measure/ct.h"

namespace thorax::pipeline {

report::MarkedLabels marked(const volume::Labels& labels) {
  using measure::FindingLabel;
  using report::Mark;
  return {&labels,
          {{FindingLabel::kEmphysema, Mark::emphysema},
           {FindingLabel::kGroundGlass, Mark::ground_glass},
           {FindingLabel::kConsolidation, Mark::consolidation},
           {FindingLabel::kPleuralEffusion, Mark::pleural_effusion},
           {FindingLabel::kPericardialEffusion, Mark::pericardial_effusion},
           {FindingLabel::kPneumothorax, Mark::pneumothorax},
           {FindingLabel::kNodule, Mark::nodule},
           {FindingLabel::kCoronaryCalcification, Mark::coronary_calcification},
           {FindingLabel::kAorticCalcification, Mark::aortic_calcification}}};
}

}  // namespace thorax::pipeline
