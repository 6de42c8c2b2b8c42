#include "learn/table.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "learn/xlsx.h"

namespace thorax::learn {
namespace {

std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  return text.starts_with("PK\x03\x04") ? parse_xlsx(text, path.string()) : parse_csv(text);
}

}  // namespace

std::vector<std::map<std::string, std::string>> read_table(const std::filesystem::path& path,
                                                           const std::vector<std::string>& needed) {
  const std::vector<std::vector<std::string>> rows = rows_of(path);
  const auto fail = [&](const std::string& detail) {
    throw Error("bad_training_data"_code, {{"path", path.string()}, {"detail", detail}});
  };
  if (rows.size() < 2) fail("no rows");
  const std::vector<std::string>& names = rows.front();
  for (const std::string& name : needed)
    if (std::ranges::find(names, name) == names.end()) fail("no column " + name);
  std::vector<std::map<std::string, std::string>> table;
  for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
    auto& fields = table.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i)
      fields[names[i]] = i < row->size() ? (*row)[i] : "";
  }
  return table;
}

std::string table_field(const std::string& text) {
  return csv_field(text);
}

std::string table_field(double number) {
  std::array<char, 400> text{};
  std::snprintf(text.data(), text.size(), "%.6f", number);
  return text.data();
}

}  // namespace thorax::learn
