#include "nets/bart_writer.h"

namespace thorax::nets {

std::vector<std::vector<GeneratedSequence>> write_text(Bart network, const Tensor& encoded,
                                                       const Tensor& mask,
                                                       const GenerationOptions& options) {
  BartMemory memory = network->remember(encoded, mask, options.beams);
  Tensor logits;
  const auto score = [&](std::span<const std::int64_t> tokens, std::span<const std::int64_t> from) {
    const auto tensor = [](std::span<const std::int64_t> values) {
      return at::tensor(at::ArrayRef<std::int64_t>(values.data(), values.size()));
    };
    logits = network->step(tensor(tokens), tensor(from), memory).to(at::kFloat).contiguous();
    return std::span<const float>(logits.data_ptr<float>(),
                                  static_cast<std::size_t>(logits.numel()));
  };
  return generate(options, encoded.size(0), score);
}

}  // namespace thorax::nets
