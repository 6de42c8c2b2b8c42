#include "pipeline/training_embeddings.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "learn/table.h"
#include "pipeline/embedding_index.h"

namespace thorax::pipeline {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = text.find_first_not_of(' ', begin);
    const std::size_t last = text.find_last_not_of(' ', end - 1);
    if (first < end) names.push_back(text.substr(first, last - first + 1));
    begin = end + 1;
  }
  return names;
}

class Labels {
 public:
  Labels(const learn::DataOptions& data, const std::vector<Row>& table) : data_(data) {
    columns_ = listed(data.label_columns);
    const Row& first = table.front();
    for (const std::string& column : columns_)
      if (!first.contains(column)) refuse("no column " + column);
    if (columns_.empty())
      for (const auto& [name, value] : first)
        if (!name.empty() && name != data.id_column && name != data.patient_column &&
            name != data.weight_column)
          columns_.push_back(name);
    if (columns_.empty()) refuse("no column with labels");
    if (data.target == "class") {
      classes_ = class_names(table);
    } else if (data.target == "any") {
      classes_ = {"normal", "pathology"};
      if (const auto given = listed(data.classes); given.size() == 2) classes_ = given;
    } else {
      classes_ = columns_;
    }
  }

  const std::vector<std::string>& classes() const { return classes_; }

  /// 1 for the classes that hold; nothing where a label is absent.
  std::optional<std::vector<std::uint8_t>> of(const Row& row) const {
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
      if (value != "0" && value != "1") refuse(column + " = " + value + ", not 0 or 1");
      truth.push_back(value == "1" ? 1 : 0);
    }
    if (data_.target == "each") return truth;
    const bool any = std::ranges::count(truth, 1) > 0;
    return std::vector<std::uint8_t>{static_cast<std::uint8_t>(any ? 0 : 1),
                                     static_cast<std::uint8_t>(any ? 1 : 0)};
  }

 private:
  [[noreturn]] void refuse(const std::string& detail) const {
    throw Error("bad_training_data"_code, {{"path", data_.table}, {"detail", detail}});
  }

  std::vector<std::string> class_names(const std::vector<Row>& table) const {
    if (columns_.size() != 1)
      refuse(std::to_string(columns_.size()) + " columns with labels; data.label_columns");
    std::set<std::string> met;
    for (const Row& row : table)
      if (const std::string& name = row.at(columns_.front()); !name.empty()) met.insert(name);
    const std::vector<std::string> given = listed(data_.classes);
    std::vector<std::string> names = given;
    if (given.empty()) names.assign(met.begin(), met.end());
    if (names.size() != 2)
      refuse(std::to_string(names.size()) + " classes in " + columns_.front() + ", not 2");
    return names;
  }

  const learn::DataOptions& data_;
  std::vector<std::string> columns_, classes_;
};

double shown_of(const Row& row, const learn::DataOptions& data) {
  const auto found = row.find(data.weight_column);
  if (found == row.end() || found->second.empty()) return 1;
  char* end = nullptr;
  const double value = std::strtod(found->second.c_str(), &end);
  if (*end == '\0' && value > 0) return value;
  throw Error("bad_training_data"_code,
              {{"path", data.table}, {"detail", data.weight_column + " = " + found->second}});
}

}  // namespace

HeadData read_head_data(const learn::DataOptions& data) {
  const std::vector<Row> table = learn::read_table(data.table, {data.id_column});
  const Labels labels(data, table);
  std::map<std::string, const Row*> rows;
  for (const Row& row : table)
    if (!rows.emplace(row.at(data.id_column), &row).second)
      throw Error("bad_training_data"_code,
                  {{"path", data.table}, {"detail", "twice: " + row.at(data.id_column)}});
  const EmbeddingIndex index = read_index(data.embeddings);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < index.ids.size(); ++i) places.emplace(index.ids[i], i);

  HeadData found;
  found.model = index.model;
  found.model_sha256 = index.model_sha256;
  learn::EmbeddingSet& set = found.set;
  set.width = index.width;
  set.classes = labels.classes();
  set.exclusive = data.target != "each";
  for (const auto& [id, place] : places) {
    const auto row = rows.find(id);
    const auto truth = row == rows.end() ? std::nullopt : labels.of(*row->second);
    if (!truth) {
      ++found.unlabelled;
      continue;
    }
    const auto patient = row->second->find(data.patient_column);
    set.ids.push_back(id);
    set.patients.push_back(
        patient == row->second->end() || patient->second.empty() ? id : patient->second);
    set.shown.push_back(shown_of(*row->second, data));
    set.truth.insert(set.truth.end(), truth->begin(), truth->end());
    const std::span<const float> values = index.row(place);
    set.values.insert(set.values.end(), values.begin(), values.end());
  }
  found.without_embedding = static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](const auto& row) { return !places.contains(row.first); }));
  if (set.count() == 0)
    throw Error("bad_training_data"_code,
                {{"path", data.table},
                 {"detail", "no " + data.id_column + " is among the ids of " + data.embeddings}});
  return found;
}

}  // namespace thorax::pipeline
