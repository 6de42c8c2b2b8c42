// Comma-separated values (RFC 4180: quoted fields, doubled quotes).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace thorax {

/// The rows of a text, the names of the columns among them; empty lines are left out. A byte order
/// mark at the beginning is not part of the first field.
std::vector<std::vector<std::string>> parse_csv(std::string_view text);

/// A field as it stands in a file.
std::string csv_field(std::string_view text);
/// A row with its end of line.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace thorax
