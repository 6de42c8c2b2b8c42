// The style sheet of every page.
#pragma once

namespace thorax::report {

extern const char* const kStyle;

}  // namespace thorax::report
