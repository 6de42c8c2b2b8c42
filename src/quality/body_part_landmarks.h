// Where landmarks of the body lie on the scale of Body Part Regression.
#pragma once

#include <map>
#include <string>

namespace thorax::quality {

/// Mean scores of the published model, where pelvis_start is 0 and eyes_end 100: the table of
/// MIC-DKFZ BodyPartRegression (docs/notebooks/inference-example-with-npy-arrays.ipynb).
const std::map<std::string, double>& published_landmarks();

/// Names of the landmarks that a CT of the chest shows: the lowest and the highest slice with lung.
inline constexpr const char* kLungStart = "lung_start";
inline constexpr const char* kLungEnd = "lung_end";

}  // namespace thorax::quality
