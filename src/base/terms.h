// Words that notices carry as arguments in English and that readers see in their language.
#pragma once

#include <string>

#include "base/text.h"

namespace thorax {

/// `text` with the kinds of DICOM objects it names ("structured report") in the language.
std::string worded_terms(std::string text, Language language);

}  // namespace thorax
