// From a user's pictures to the set that training reads.
#pragma once

#include "base/progress.h"
#include "intake/limits.h"
#include "learn/options.h"
#include "learn/picture_set.h"

namespace thorax::pipeline {

/// Decodes every picture of the source once (in several decoding children), grey, resized to
/// data.size, and keeps them in `cache`; where that file was made from the same source, manifest
/// and settings, or no source is given, it is read instead. Classes and patients come from the
/// manifest; pictures that it does not list are left out. Without one the class is the folder a
/// picture lies in and the patient what data.patient finds in its name, else the picture itself.
/// Throws Error: no_such_input, bad_training_data, bad_option (data.patient), what Source throws.
learn::PictureSet training_pictures(const learn::DataOptions& data,
                                    const std::filesystem::path& cache,
                                    const intake::Limits& limits, const Progress& progress);

/// Every picture of a folder or archive, decoded in the same way, under one class without a name.
/// Throws what Source throws.
learn::PictureSet unlabelled_pictures(const std::filesystem::path& source, int size,
                                      const intake::Limits& limits, const Progress& progress);

}  // namespace thorax::pipeline
