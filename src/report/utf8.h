// Text from files, made safe to write anywhere.
#pragma once

#include <string>
#include <string_view>

namespace thorax::report {

/// Valid UTF-8: broken sequences become U+FFFD, control characters become spaces. XML, HTML and
/// spreadsheets reject both.
std::string clean_utf8(std::string_view text);

}  // namespace thorax::report
