#include "pipeline/training_labels.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/error.h"
#include "learn/listed.h"

namespace thorax::pipeline {

TableLabels::TableLabels(const learn::DataOptions& data, const std::vector<Row>& table,
                         const std::vector<std::string>& others)
    : data_(data), columns_(learn::listed(data.label_columns)) {
  const Row& first = table.front();
  for (const std::string& column : columns_)
    if (!first.contains(column)) refuse("no column " + column);
  if (columns_.empty())
    for (const auto& [name, value] : first)
      if (!name.empty() && name != data.patient_column && name != data.weight_column &&
          std::ranges::count(others, name) == 0)
        columns_.push_back(name);
  if (columns_.empty()) refuse("no column with labels");
  if (data.target == "class") {
    classes_ = class_names(table);
  } else if (data.target == "any") {
    classes_ = {"normal", "pathology"};
    if (const auto given = learn::listed(data.classes); given.size() == 2) classes_ = given;
  } else {
    classes_ = columns_;
  }
}

std::optional<std::vector<std::uint8_t>> TableLabels::of(const Row& row) const {
  if (data_.target == "class") {
    const std::string& name = row.at(columns_.front());
    if (name.empty()) return {};
    const auto found = std::ranges::find(classes_, name);
    if (found == classes_.end()) refuse(columns_.front() + " = " + name);
    std::vector<std::uint8_t> truth(classes_.size());
    truth[static_cast<std::size_t>(found - classes_.begin())] = 1;
    return truth;
  }
  std::vector<std::uint8_t> truth;
  for (const std::string& column : columns_) {
    const std::string& value = row.at(column);
    if (value.empty()) return {};
    if (value != "0" && value != "1")
      refuse(std::string(column).append(" = ").append(value).append(", not 0 or 1"));
    truth.push_back(value == "1" ? 1 : 0);
  }
  if (data_.target == "each") return truth;
  const bool any = std::ranges::count(truth, 1) > 0;
  return std::vector<std::uint8_t>{static_cast<std::uint8_t>(any ? 0 : 1),
                                   static_cast<std::uint8_t>(any ? 1 : 0)};
}

void TableLabels::refuse(const std::string& detail) const {
  throw Error("bad_training_data"_code, {{"path", data_.table}, {"detail", detail}});
}

std::vector<std::string> TableLabels::class_names(const std::vector<Row>& table) const {
  if (columns_.size() != 1)
    refuse(std::to_string(columns_.size()) + " columns with labels; data.label_columns");
  std::set<std::string> met;
  for (const Row& row : table)
    if (const std::string& name = row.at(columns_.front()); !name.empty()) met.insert(name);
  std::vector<std::string> names = learn::listed(data_.classes);
  if (names.empty()) names.assign(met.begin(), met.end());
  if (names.size() != 2)
    refuse(std::to_string(names.size()) + " classes in " + columns_.front() + ", not 2");
  return names;
}

std::string patient_of(const TableLabels::Row& row, const learn::DataOptions& data,
                       const std::string& id) {
  const auto found = row.find(data.patient_column);
  return found == row.end() || found->second.empty() ? id : found->second;
}

double shown_of(const TableLabels::Row& row, const learn::DataOptions& data) {
  const auto found = row.find(data.weight_column);
  if (found == row.end() || found->second.empty()) return 1;
  char* end = nullptr;
  const double value = std::strtod(found->second.c_str(), &end);
  if (*end == '\0' && value > 0) return value;
  throw Error("bad_training_data"_code,
              {{"path", data.table}, {"detail", data.weight_column + " = " + found->second}});
}

}  // namespace thorax::pipeline
