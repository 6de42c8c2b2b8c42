#include "evaluate/bleu.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace thorax::evaluate {
namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// How often each run of so many words occurs.
std::map<Words, int> runs_of(const Words& words, std::size_t length) {
  std::map<Words, int> runs;
  for (std::size_t i = 0; i + length <= words.size(); ++i) {
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
    ++runs[Words(begin, begin + static_cast<std::ptrdiff_t>(length))];
  }
  return runs;
}

}  // namespace

double bleu(std::span<const std::string> texts, std::span<const std::string> references,
            int longest) {
  if (texts.size() != references.size())
    throw std::invalid_argument("bleu: a reference for each text");
  const auto orders = static_cast<std::size_t>(longest);
  std::vector<double> agree(orders), all(orders);
  double words = 0, wanted = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Words own = words_of(texts[i]), true_ones = words_of(references[i]);
    words += static_cast<double>(own.size());
    wanted += static_cast<double>(true_ones.size());
    for (std::size_t order = 0; order < orders; ++order) {
      const std::map<Words, int> known = runs_of(true_ones, order + 1);
      for (const auto& [run, count] : runs_of(own, order + 1)) {
        const auto found = known.find(run);
        agree[order] += found == known.end() ? 0 : std::min(count, found->second);
        all[order] += count;
      }
    }
  }
  double logarithm = 0;
  for (std::size_t order = 0; order < orders; ++order) {
    if (agree[order] == 0) return 0;
    logarithm += std::log(agree[order] / all[order]) / static_cast<double>(longest);
  }
  return std::exp(logarithm + std::min(0.0, 1 - wanted / words));
}

}  // namespace thorax::evaluate
