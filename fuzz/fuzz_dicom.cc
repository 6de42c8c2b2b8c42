// A DICOM file: structure, header, pixels in every transfer syntax.
#include "decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  thorax::fuzz::decode_one({data, size}, thorax::intake::Content::dicom);
  return 0;
}
