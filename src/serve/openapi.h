// docs/openapi.json, inside the program.
#pragma once

#include <string_view>

namespace thorax::serve {

std::string_view openapi_text();

}  // namespace thorax::serve
