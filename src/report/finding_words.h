// How the findings are spoken of in sentences.
#pragma once

#include <string>

#include "base/text.h"
#include "findings/decision.h"

namespace thorax::report {

/// Paragraph of a report that a finding belongs to.
enum class Organ { lungs, pleura, heart, mediastinum, bones, other };

struct FindingWords {
  Organ organ = Organ::other;
  std::string of_ru;  ///< after "признаков …": the Russian genitive; empty for unknown findings
};

FindingWords finding_words(const std::string& finding_id);

Text organ_name(Organ organ);

/// "No signs of a, b or c." / "Признаков а, б и в не выявлено." Empty without findings. Names whose
/// Russian genitive is not known stand in a list of their own.
Text no_signs_of(const std::vector<const findings::Finding*>& findings);

/// "Seen, but below the cut-off: a, b." of findings that have places and are not positive. Empty
/// without findings.
Text below_cutoff(const std::vector<const findings::Finding*>& findings);

/// The name inside a sentence: without a bracketed explanation, in lower case.
std::string spoken_name(const findings::Finding& finding, Language language);

/// "a; b; c".
std::string joined(const std::vector<std::string>& words, const std::string& separator);
/// "a, b and c"; `last` is " and " or " or ", " и " or " или ".
std::string enumerated(const std::vector<std::string>& words, const std::string& last);

}  // namespace thorax::report
