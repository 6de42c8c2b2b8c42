// Text generation: greedy and beam search over a model that scores the next token. No torch in
// here. Follows generate() of transformers 4.27.1.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace thorax::nets {

struct GenerationOptions {
  std::int64_t beams = 4;            ///< 1: greedy search
  std::int64_t max_length = 20;      ///< tokens of a sequence, start and end included
  std::int64_t min_length = 0;       ///< no end before so many tokens
  std::int64_t no_repeat_ngram = 0;  ///< no n-gram of this size twice; 0 allows all
  double repetition_penalty = 1;     ///< of tokens that were there already; 1 for none
  double length_penalty = 1;         ///< a sequence's score is its log probability / length^penalty
  bool early_stopping = false;       ///< stop as soon as `beams` sequences have ended
  std::int64_t sequences = 1;        ///< to return for each source, at most `beams`
  std::optional<std::int64_t> forced_first, forced_last;
  std::int64_t start = 2, end = 2, padding = 1;
};

/// What facebook/bart-base's own configuration asks for.
GenerationOptions bart_base_generation();

struct GeneratedSequence {
  std::vector<std::int64_t> tokens;  ///< from the start token to the end token, if that fitted
  double score = 0;                  ///< beam search only
};

/// Extends sequences by a token: row r continues what row from[r] was, with tokens[r]. Gives the
/// scores of the next token of each row (logits), [rows, vocabulary] flat; the span has to stay
/// valid until the next call.
using ScoreNextToken = std::function<std::span<const float>(std::span<const std::int64_t> tokens,
                                                            std::span<const std::int64_t> from)>;

/// Sequences for each of `sources` inputs, the best first; rows are source * beams + beam. A source
/// gets the same whatever else is in the batch. Throws Error("bad_option"_code) for options without
/// meaning.
std::vector<std::vector<GeneratedSequence>> generate(const GenerationOptions& options,
                                                     std::int64_t sources,
                                                     const ScoreNextToken& score);

}  // namespace thorax::nets
