// The numbers of a trained Body Part Regression, as its publisher writes them.
#pragma once

#include <filesystem>

#include "quality/body_part_scores.h"

namespace thorax::quality {

/// Name of that file in the published model's folder and in an imported one's.
inline constexpr const char* kBodyPartSettings = "inference-settings.json";

/// Reads inference-settings.json of MIC-DKFZ BodyPartRegression: the landmarks of
/// `lookuptable_train_val`, on the network's own scale and on that of 0 … 100, the mean slope and
/// the quantiles of slopes between neighbours. Throws Error: no_such_input; bad_model naming what
/// is absent or no number.
BodyPartReference read_body_part_reference(const std::filesystem::path& file);

}  // namespace thorax::quality
