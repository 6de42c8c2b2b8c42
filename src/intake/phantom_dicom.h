// The phantom as DICOM objects, as a scanner would send them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "intake/phantom.h"
#include "intake/phantom_output.h"

namespace thorax::intake {

enum class PhantomSyntax {
  implicit_little,
  explicit_little,
  explicit_big,
  deflated,
  rle,
  jpeg_lossless,
  jpeg_ls,
  jpeg_2000,
};
/// "implicit", "explicit", "big", "deflated", "rle", "jpeg", "jpegls", "j2k"; throws
/// Error("bad_option"_code) for anything else.
PhantomSyntax parse_phantom_syntax(std::string_view name);

struct PhantomSeriesOptions {
  PhantomSyntax syntax = PhantomSyntax::explicit_little;
  double tilt_degrees = 0;   ///< of the gantry about the x axis; slices are resampled, -30 to 30
  std::vector<int> missing;  ///< slices to leave out, counted from the feet, from 0
  int first_number = 1;      ///< InstanceNumber of the first slice
  bool feet_first = false;   ///< the first slice is the lowest instead of the highest
  bool shuffled = false;     ///< file names in no order
};

/// Writes CT Image Storage objects (PS3.3 A.3), one a slice, named IM00001.dcm and so on. UIDs are
/// 2.25 followed by a decimal UUID (PS3.5 B.2) made from the voxels and the options, so the same
/// phantom has the same UIDs. `drawn` are the options the phantom was painted with.
void write_phantom_series(const Phantom& phantom, const PhantomOptions& drawn,
                          const PhantomSeriesOptions& options, const PhantomSink& sink,
                          const Progress& progress = {});

}  // namespace thorax::intake
