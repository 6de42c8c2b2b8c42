// Numbers as a person reads them.
#pragma once

#include <string>

#include "base/text.h"

namespace thorax::cli {

/// Fixed digits after the decimal mark of the language.
std::string decimal(double value, int digits, Language language);

}  // namespace thorax::cli
