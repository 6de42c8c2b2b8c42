#include "nets/token_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace thorax::nets {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

void forbid_repeated_ngrams(std::int64_t size, std::span<const std::int64_t> sequence,
                            std::span<float> scores) {
  const auto n = static_cast<std::size_t>(size);
  if (n == 0 || sequence.size() < n) return;
  const auto tail = sequence.last(n - 1);
  for (std::size_t i = 0; i + n <= sequence.size(); ++i) {
    if (std::equal(tail.begin(), tail.end(), sequence.begin() + static_cast<std::ptrdiff_t>(i))) {
      scores[static_cast<std::size_t>(sequence[i + n - 1])] = kForbidden;
    }
  }
}

void force(std::int64_t token, std::span<float> scores) {
  std::fill(scores.begin(), scores.end(), kForbidden);
  scores[static_cast<std::size_t>(token)] = 0;
}

}  // namespace

void apply_token_rules(const GenerationOptions& options, std::span<const std::int64_t> sequence,
                       std::span<float> scores) {
  const auto length = static_cast<std::int64_t>(sequence.size());
  if (options.repetition_penalty != 1) {
    const auto penalty = static_cast<float>(options.repetition_penalty);
    for (const std::int64_t token : std::set(sequence.begin(), sequence.end())) {
      float& score = scores[static_cast<std::size_t>(token)];
      score = score < 0 ? score * penalty : score / penalty;
    }
  }
  forbid_repeated_ngrams(options.no_repeat_ngram, sequence, scores);
  if (length < options.min_length) scores[static_cast<std::size_t>(options.end)] = kForbidden;
  if (options.forced_first && length == 1) force(*options.forced_first, scores);
  if (options.forced_last && length == options.max_length - 1) force(*options.forced_last, scores);
}

void log_softmax(std::span<float> scores) {
  const float largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += static_cast<double>(std::exp(score - largest));
  const float shift = largest + static_cast<float>(std::log(sum));
  for (float& score : scores) score -= shift;
}

}  // namespace thorax::nets
