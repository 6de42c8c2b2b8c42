#include "nets/generation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "base/error.h"
#include "nets/token_rules.h"

namespace thorax::nets {
namespace {

using Tokens = std::vector<std::int64_t>;

// All beams of a source but the first begin with this, so that the first step does not choose the
// same token for each.
constexpr double kUnused = -1e9;

void check(const GenerationOptions& options) {
  const auto refuse = [](const char* option, double value, const char* hint) {
    throw Error("bad_option"_code,
                {{"option", option}, {"value", std::to_string(value)}, {"hint", hint}});
  };
  if (options.beams < 1) refuse("beams", static_cast<double>(options.beams), ">= 1");
  if (options.max_length < 2) refuse("max_length", static_cast<double>(options.max_length), ">= 2");
  if (options.sequences < 1 || options.sequences > options.beams) {
    refuse("sequences", static_cast<double>(options.sequences), "1 ... beams");
  }
  if (!(options.repetition_penalty > 0)) {
    refuse("repetition_penalty", options.repetition_penalty, "> 0");
  }
}

struct Candidate {
  double score;
  std::int64_t beam, token;
};

// The best of one source's beams, best first; equal scores in order of beam and token.
std::vector<Candidate> best(std::span<const float> scores, std::span<const double> beam_scores,
                            std::size_t count) {
  const std::size_t vocabulary = scores.size() / beam_scores.size();
  const auto better = [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return std::pair(a.beam, a.token) < std::pair(b.beam, b.token);
  };
  std::vector<Candidate> heap;  // the worst of the kept ones on top
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const Candidate candidate{static_cast<double>(scores[i]) + beam_scores[i / vocabulary],
                              static_cast<std::int64_t>(i / vocabulary),
                              static_cast<std::int64_t>(i % vocabulary)};
    if (heap.size() == count && !better(candidate, heap.front())) continue;
    if (heap.size() == count) {
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.pop_back();
    }
    heap.push_back(candidate);
    std::push_heap(heap.begin(), heap.end(), better);
  }
  std::sort(heap.begin(), heap.end(), better);
  return heap;
}

// The sequences of a source that have ended: the best `beams` of them.
class Ended {
 public:
  explicit Ended(const GenerationOptions& options) : options_(options) {}

  void add(const Tokens& tokens, double sum) {
    const double score =
        sum / std::pow(static_cast<double>(tokens.size()), options_.length_penalty);
    if (full() && score <= worst()) return;
    sequences_.push_back({tokens, score});
    std::stable_sort(sequences_.begin(), sequences_.end(),
                     [](const auto& a, const auto& b) { return a.score < b.score; });
    if (static_cast<std::int64_t>(sequences_.size()) > options_.beams) {
      sequences_.erase(sequences_.begin());
    }
  }

  // Whether nothing that still grows can become better: it would have to gain by growing.
  bool done(double best_sum, std::int64_t length) const {
    if (!full()) return false;
    if (options_.early_stopping) return true;
    return worst() >= best_sum / std::pow(static_cast<double>(length), options_.length_penalty);
  }

  std::vector<GeneratedSequence> take() const {
    std::vector<GeneratedSequence> result;
    for (auto it = sequences_.rbegin();
         it != sequences_.rend() && std::ssize(result) < options_.sequences; ++it) {
      result.push_back(*it);
      if (std::ssize(it->tokens) < options_.max_length) {
        result.back().tokens.push_back(options_.end);
      }
    }
    return result;
  }

 private:
  bool full() const { return static_cast<std::int64_t>(sequences_.size()) >= options_.beams; }
  double worst() const { return sequences_.front().score; }

  const GenerationOptions& options_;
  std::vector<GeneratedSequence> sequences_;  // worst first
};

// One row of scores after the rules.
std::span<float> ruled(const GenerationOptions& options, std::span<const float> logits,
                       std::size_t row, std::size_t rows, const Tokens& sequence,
                       std::span<float> out) {
  const std::size_t vocabulary = logits.size() / rows;
  const auto from = logits.subspan(row * vocabulary, vocabulary);
  std::copy(from.begin(), from.end(), out.begin());
  const auto scores = out.first(vocabulary);
  if (options.beams > 1) log_softmax(scores);
  apply_token_rules(options, sequence, scores);
  return scores;
}

std::vector<std::vector<GeneratedSequence>> greedy(const GenerationOptions& options,
                                                   std::size_t sources,
                                                   const ScoreNextToken& score) {
  std::vector<Tokens> sequences(sources, Tokens{options.start});
  std::vector<bool> ended(sources, false);
  Tokens tokens(sources, options.start), rows(sources);
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<float> scores;
  for (std::int64_t length = 1; length < options.max_length; ++length) {
    const std::span<const float> logits = score(tokens, rows);
    scores.resize(logits.size() / sources);
    for (std::size_t s = 0; s < sources; ++s) {
      tokens[s] = options.padding;
      if (ended[s]) continue;
      const auto row = ruled(options, logits, s, sources, sequences[s], scores);
      tokens[s] = std::max_element(row.begin(), row.end()) - row.begin();
      sequences[s].push_back(tokens[s]);
      ended[s] = tokens[s] == options.end;
    }
    if (std::find(ended.begin(), ended.end(), false) == ended.end()) break;
  }
  std::vector<std::vector<GeneratedSequence>> result;
  for (Tokens& sequence : sequences) result.push_back({{std::move(sequence), 0}});
  return result;
}

// The beams of one source.
struct Beams {
  std::vector<Tokens> sequences;
  std::vector<double> scores;
  Ended ended;
  bool done = false;

  explicit Beams(const GenerationOptions& options)
      : sequences(static_cast<std::size_t>(options.beams), Tokens{options.start}),
        scores(static_cast<std::size_t>(options.beams), kUnused),
        ended(options) {
    scores[0] = 0;
  }

  // Chooses the next tokens; `next[beam]` and `from[beam]` receive token and beam continued.
  void advance(const GenerationOptions& options, std::span<const float> row_scores,
               std::span<std::int64_t> next, std::span<std::int64_t> from) {
    const std::size_t beams = sequences.size();
    const auto candidates = best(row_scores, scores, 2 * beams);
    std::vector<Tokens> grown;
    std::vector<double> sums;
    for (std::size_t rank = 0; rank < candidates.size() && grown.size() < beams; ++rank) {
      const Candidate& candidate = candidates[rank];
      const Tokens& sequence = sequences[static_cast<std::size_t>(candidate.beam)];
      if (candidate.token == options.end) {
        if (rank < beams) ended.add(sequence, candidate.score);
        continue;
      }
      next[grown.size()] = candidate.token;
      from[grown.size()] = candidate.beam;
      grown.push_back(sequence);
      grown.back().push_back(candidate.token);
      sums.push_back(candidate.score);
    }
    const auto length = static_cast<std::int64_t>(sequences.front().size()) + 1;
    done = ended.done(candidates.front().score, length);
    sequences = std::move(grown);
    scores = std::move(sums);
  }
};

std::vector<std::vector<GeneratedSequence>> beam_search(const GenerationOptions& options,
                                                        std::size_t sources,
                                                        const ScoreNextToken& score) {
  const auto beams = static_cast<std::size_t>(options.beams);
  std::vector<Beams> all(sources, Beams(options));
  Tokens tokens(sources * beams, options.start), from(sources * beams);
  std::iota(from.begin(), from.end(), 0);
  std::vector<float> scores;
  for (std::int64_t length = 1; length < options.max_length; ++length) {
    const std::span<const float> logits = score(tokens, from);
    const std::size_t vocabulary = logits.size() / (sources * beams);
    scores.resize(beams * vocabulary);
    for (std::size_t s = 0; s < sources; ++s) {
      const auto next = std::span(tokens).subspan(s * beams, beams);
      const auto back = std::span(from).subspan(s * beams, beams);
      if (all[s].done) {
        std::fill(next.begin(), next.end(), options.padding);
        std::iota(back.begin(), back.end(), 0);
      } else {
        for (std::size_t b = 0; b < beams; ++b) {
          ruled(options, logits, s * beams + b, sources * beams, all[s].sequences[b],
                std::span(scores).subspan(b * vocabulary, vocabulary));
        }
        all[s].advance(options, scores, next, back);
      }
      for (std::int64_t& row : back) row += static_cast<std::int64_t>(s * beams);
    }
    if (std::all_of(all.begin(), all.end(), [](const Beams& b) { return b.done; })) break;
  }
  std::vector<std::vector<GeneratedSequence>> result;
  for (Beams& source : all) {
    if (!source.done) {
      for (std::size_t b = 0; b < source.sequences.size(); ++b) {
        source.ended.add(source.sequences[b], source.scores[b]);
      }
    }
    result.push_back(source.ended.take());
  }
  return result;
}

}  // namespace

GenerationOptions bart_base_generation() {
  return {.beams = 4,
          .no_repeat_ngram = 3,
          .early_stopping = true,
          .forced_first = 0,
          .forced_last = 2};
}

std::vector<std::vector<GeneratedSequence>> generate(const GenerationOptions& options,
                                                     std::int64_t sources,
                                                     const ScoreNextToken& score) {
  check(options);
  const auto count = static_cast<std::size_t>(sources);
  if (count == 0) return {};
  return options.beams == 1 ? greedy(options, count, score) : beam_search(options, count, score);
}

}  // namespace thorax::nets
