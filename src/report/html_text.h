// Pieces of HTML.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace thorax::report {

/// Text as HTML content or attribute value: markup escaped, broken UTF-8 and control characters
/// replaced. Everything that comes from a file goes through it.
std::string escaped(std::string_view text);

/// Both languages, of which the page's switch shows one: <span lang="en">…</span><span lang="ru">….
/// Escaped; one plain text where both are the same.
std::string in_both(const Text& text);
std::string in_both(std::string_view en, std::string_view ru);

/// A table with these rows (HTML) that scrolls sideways where it has no room, by keyboard too.
std::string wide_table(const std::string& rows);

/// A number as SVG and CSS want it, two decimals at most.
std::string coordinate(double value);

}  // namespace thorax::report
