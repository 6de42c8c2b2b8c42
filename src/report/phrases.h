// Fixed words of every report, in both languages.
#pragma once

#include "base/text.h"

namespace thorax::report {

inline const Text kResearchUseOnly{
    "Research use only. Not a medical device, not a diagnosis.",
    "Только для исследовательских целей. Не является медицинским изделием и не ставит диагноз."};

}  // namespace thorax::report
