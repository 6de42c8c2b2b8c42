// Text from an encoder output, by BART's decoder.
#pragma once

#include "nets/bart.h"
#include "nets/generation.h"

namespace thorax::nets {

/// Sequences for each row of `encoded` [B, S, size], the best first; mask undefined or [B, S], 0
/// where padded. Keys and values of what is written already are kept, so every token is computed
/// once.
std::vector<std::vector<GeneratedSequence>> write_text(Bart network, const Tensor& encoded,
                                                       const Tensor& mask,
                                                       const GenerationOptions& options);

}  // namespace thorax::nets
