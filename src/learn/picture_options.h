// Settings of how pictures are changed.
#pragma once

#include "learn/options.h"

namespace thorax::learn {

void add_augment(Settings& settings, AugmentOptions& augment);

}  // namespace thorax::learn
