// A NIfTI volume, plain or gzipped.
#include "decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using thorax::intake::Content;
  const bool packed = size > 1 && data[0] == 0x1f && data[1] == 0x8b;
  thorax::fuzz::decode_one({data, size}, packed ? Content::nifti_gz : Content::nifti);
  return 0;
}
