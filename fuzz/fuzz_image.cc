// A bare picture: JPEG or PNG, as its first bytes say.
#include "decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using thorax::intake::Content;
  const Content kind = thorax::intake::sniff({data, size}, "input");
  if (kind != Content::jpeg && kind != Content::png) return -1;  // keeps the corpus to pictures
  thorax::fuzz::decode_one({data, size}, kind);
  return 0;
}
