// Settings of the recipes on CT studies.
#pragma once

#include "learn/options.h"

namespace thorax::learn {

void add_studies(Settings& settings, DataOptions& data);
void add_crop(Settings& settings, CropOptions& crop);
void add_slices(Settings& settings, SliceOptions& slices);

}  // namespace thorax::learn
