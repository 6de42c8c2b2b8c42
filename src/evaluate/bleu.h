// How much of a text's wording another one has.
#pragma once

#include <span>
#include <string>

namespace thorax::evaluate {

/// BLEU of texts against one reference each, over all of them together: the geometric mean of the
/// clipped precisions of runs of one to `longest` words, times exp(1 - reference words / words)
/// where there are fewer words than the references have (Papineni et al., "BLEU: a method for
/// automatic evaluation of machine translation", ACL 2002). Words are what white space separates;
/// case counts. 0 where runs of some length never agree. Throws std::invalid_argument for spans of
/// different lengths.
double bleu(std::span<const std::string> texts, std::span<const std::string> references,
            int longest = 4);

}  // namespace thorax::evaluate
