// A checkpoint: safetensors, or what torch.save writes, as a zip or in its legacy form; down to the
// values of each tensor.
#include "base/error.h"
#include "weights/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thorax;
  constexpr std::int64_t kMostValues = 1 << 20;  // keeps one input quick
  try {
    const auto file = std::as_bytes(std::span(data, size));
    for (const auto& [name, tensor] : weights::parse_checkpoint(file, nullptr, "input"))
      if (tensor.count() <= kMostValues) static_cast<void>(tensor.packed().to_float());
  } catch (const Error& error) {
    static_cast<void>(error.what());  // a refusal is an answer
  }
  return 0;
}
