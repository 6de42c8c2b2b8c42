// How much each setting alone explains of the scores.
#pragma once

#include "tune/trials.h"

namespace thorax::tune {

/// The first-order effect of each dimension: the share of the scores' variance that lies between
/// groups of trials with a similar value of it (Saltelli et al., "Global sensitivity analysis: the
/// primer", 2008, chapter 1), as epsilon squared (Kelley, PNAS 1935), which expects 0 of a setting
/// that does nothing; below 0 is 0. Groups are the choices, or a range cut into up to four of
/// equally many trials. Failed trials are left out. 0 where nothing can be said.
std::vector<double> importance(const std::vector<Trial>& trials,
                               const std::vector<Dimension>& space);

}  // namespace thorax::tune
