// Words of radiology departments in free text: body regions and reconstruction kernels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "intake/study.h"

namespace thorax::intake {

/// Lower case of UTF-8 text in Latin, Latin-1 and Cyrillic letters; everything else stays.
std::string lower_case(std::string_view text);

/// True when `phrase` (lower case) stands in `text` between word borders. Case does not matter;
/// borders are everything that is neither letter nor digit.
bool contains_word(std::string_view text, std::string_view phrase);
/// The same, but the last word of the phrase may go on ("легк" finds "лёгких", ё counts as е).
bool contains_word_start(std::string_view text, std::string_view phrase);

/// What the text attributes of a series say about the body region.
struct BodyHint {
  std::string chest;      ///< the word that says chest, as listed; empty when none does
  std::string elsewhere;  ///< the word of the text that names another region, as it stands there
};

/// Looks through BodyPartExamined, ProtocolName, SeriesDescription and StudyDescription for words
/// of English, Russian and some other languages. A thoracic spine is not a chest. Both fields are
/// set for thorax + abdomen or neck + thorax.
BodyHint body_hint(const SeriesHeader& header);
/// The same for one text.
BodyHint body_hint(std::string_view text);

enum class KernelClass { soft, unknown, sharp };

/// Soft (soft tissue, standard) or sharp (lung, bone, high resolution), from the names that GE,
/// Siemens, Philips and Canon / Toshiba give to ConvolutionKernel. Siemens numbers of 50 and more
/// are sharp.
KernelClass kernel_class(std::string_view kernel);

}  // namespace thorax::intake
