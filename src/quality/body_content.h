// Metal, contrast agent and steps between slices.
#pragma once

#include <optional>

#include "quality/lungs.h"

namespace thorax::quality {

/// Volume of the voxels inside the body denser than `metal_hu`, mL.
double metal_ml(const intake::LoadedVolume& ct, const LungSurvey& lungs, double metal_hu);

/// Density of the heart and the vessels around it: the 75th percentile of the 4 mm voxels of soft
/// tissue (0 to 700 HU) that lie between the two lungs, in front of their rear third, at 25 to 50 %
/// of their height. nullopt when fewer than 200 such voxels are there (10 to 15 mL).
std::optional<double> heart_hu(const LungSurvey& lungs);

/// How much neighbouring slices disagree, for motion and for steps of the table: for each slice at
/// the height of the lungs the mean absolute difference from the mean of its two neighbours,
/// divided by half that of the neighbours from each other, both on 4 mm blocks inside the body that
/// hold an edge. Smooth anatomy gives about 0.5, a displaced slice more than 1.
struct StepReport {
  double median = 0;
  int displaced = 0;  ///< slices beyond kDisplaced
  int slices = 0;     ///< slices that were compared
};
inline constexpr double kDisplaced = 1.25;
std::optional<StepReport> slice_steps(const intake::LoadedVolume& ct, const LungSurvey& lungs);

}  // namespace thorax::quality
