// Text from files, made safe to hand on.
#pragma once

#include <string>
#include <string_view>

namespace thorax::intake {

/// Valid UTF-8 without control characters: bytes that are no UTF-8 become U+FFFD, control
/// characters a space.
std::string clean_utf8(std::string_view bytes);
bool is_clean_utf8(std::string_view bytes);

/// Text of a data set as clean UTF-8, by its SpecificCharacterSet (PS3.3 C.12.1.1.2; values
/// separated by backslashes). Undeclared or wrongly declared bytes are kept when they are UTF-8.
std::string decode_text(std::string_view bytes, const std::string& character_set);

}  // namespace thorax::intake
