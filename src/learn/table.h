// Tables of labels and of answers by the names of their columns: comma-separated values or XLSX.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace thorax::learn {

/// Rows (base/csv.h, learn/xlsx.h) by the names of the first line. A shorter row has empty fields
/// at its end. Throws Error: no_such_input; bad_training_data when there is no row or a `needed`
/// column is absent.
std::vector<std::map<std::string, std::string>> read_table(const std::filesystem::path& path,
                                                           const std::vector<std::string>& needed);

/// The field as it stands in a file.
std::string table_field(const std::string& text);
/// With six decimals.
std::string table_field(double number);

}  // namespace thorax::learn
