// Dropout whose draws are its trainer's to repeat (nets/draws.h).
#pragma once

#include "nets/pch.h"

namespace thorax::nets {

/// While training, elements of x become 0 with the given probability and the others grow by
/// 1 / (1 - probability); else x itself.
at::Tensor dropout(const at::Tensor& x, double probability, bool training);

}  // namespace thorax::nets
