// Tables of labelled pictures and of answers: comma-separated values by the names of their columns.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace thorax::learn {

/// Rows (base/csv.h) by the names of the first line. A shorter row has empty fields at its end.
/// Throws Error: no_such_input; bad_training_data when there is no row or a `needed` column is
/// absent.
std::vector<std::map<std::string, std::string>> read_table(const std::filesystem::path& path,
                                                           const std::vector<std::string>& needed);

/// The field as it stands in a file.
std::string table_field(const std::string& text);

}  // namespace thorax::learn
