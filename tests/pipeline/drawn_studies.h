// Small chest CTs to analyse, painted once a test program.
#pragma once

#include <filesystem>
#include <string>

#include "intake/phantom.h"
#include "intake/phantom_dicom.h"

namespace thorax::testing_support {

/// A whole chest that is read in about a second: 5 mm slices of 160 x 160.
intake::PhantomOptions small_chest();
/// The same with a pleural effusion and a nodule.
intake::PhantomOptions sick_chest();

/// Paints (once for equal options) and writes a series: a folder, or an archive for a ".zip".
void draw_series(const std::filesystem::path& path, const intake::PhantomOptions& options,
                 const intake::PhantomSeriesOptions& series = {});
void draw_nifti(const std::filesystem::path& path, const intake::PhantomOptions& options);

}  // namespace thorax::testing_support
