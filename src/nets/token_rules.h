// What generation options do to the scores of the next token.
#pragma once

#include <span>
#include <vector>

#include "nets/generation.h"

namespace thorax::nets {

/// Changes the scores (one for each token of the vocabulary) of what may follow `sequence`; a score
/// of -infinity forbids a token. In this order: repetition penalty, repeated n-grams, shortest
/// length, forced first and last token.
void apply_token_rules(const GenerationOptions& options, std::span<const std::int64_t> sequence,
                       std::span<float> scores);

/// Logarithm of the softmax, in place.
void log_softmax(std::span<float> scores);

}  // namespace thorax::nets
