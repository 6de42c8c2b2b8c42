// Workbooks of a spreadsheet program, as tables of labels come (ECMA-376, Office Open XML).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace thorax::learn {

/// The rows of the first sheet as text: numbers as the file writes them, formulas by their last
/// value, absent cells empty; rows without any content are left out. `name` is for messages. Throws
/// Error("bad_training_data"_code) when it is no workbook or larger than 64 MiB unpacked, has more
/// than a million rows or more than 16 384 columns.
std::vector<std::vector<std::string>> parse_xlsx(std::string_view bytes, const std::string& name);

}  // namespace thorax::learn
