// Errors as HTTP says them: problem+json (RFC 9457) with the catalogue's code, in the language
// asked.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/notice.h"

namespace thorax::serve {

/// The language of an Accept-Language header (RFC 9110, section 12.5.4) that Thorax speaks best;
/// English when it asks for neither.
Language accepted_language(std::string_view header);

/// HTTP status that goes with an error.
int status_of(Code code);

/// {"type", "title", "status", "detail", "code", "todo", "arguments"}
nlohmann::ordered_json problem(const Notice& notice, Language language);

/// {"code", "arguments", "what": {"en", "ru"}, "todo": {"en", "ru"}}: a failure that is part of an
/// answer.
nlohmann::ordered_json failure_json(const Notice& notice);

}  // namespace thorax::serve
