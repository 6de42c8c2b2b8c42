// The trunk of the residual networks over pictures and volumes (src/nets/resnet.h).
#pragma once

#include "exporter/maker.h"

namespace thorax::exporter {

/// Where a trunk has its keys, and what its weights do not tell.
struct Trunk {
  std::string prefix;  ///< "backbone." or empty
  /// The keys are those of a sequence (0, 1, 4 … 7) or of a network for clips (stem.0, conv1.0).
  bool sequence = false, video = false;
  Sides stem_stride = {2};
  bool stem_pool = true;
  bool dilated = false;
};

/// [B, C, …] -> the last layer [B, features, …].
Value resnet_trunk(Maker& maker, const Value& x, const Trunk& trunk);

}  // namespace thorax::exporter
