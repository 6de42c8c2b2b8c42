// The lungs of one plane, with vessels and disease.
#pragma once

#include "intake/phantom_paint.h"

namespace thorax::intake::phantom {

/// Expects Plane::cage filled; fills Plane::lung.
void paint_lungs(const Scene& scene, const Level& level, Plane& plane);

}  // namespace thorax::intake::phantom
