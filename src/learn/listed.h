// Options that hold several words.
#pragma once

#include <string>
#include <vector>

namespace thorax::learn {

/// Words between commas, without blanks around them.
std::vector<std::string> listed(const std::string& text);

}  // namespace thorax::learn
