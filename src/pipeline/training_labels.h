// What the columns of a table of labels say of a study.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "learn/options.h"

namespace thorax::pipeline {

/// data.target says what the label columns mean: "class" one column of two class names; "any" two
/// classes, normal and pathology, from columns of 0 and 1; "each" columns of 0 and 1, each a
/// question of its own.
class TableLabels {
 public:
  using Row = std::map<std::string, std::string>;

  /// Without data.label_columns every column is a label that is none of `others`, the patient or
  /// the weight. `data` has to outlive this. Throws Error(bad_training_data).
  TableLabels(const learn::DataOptions& data, const std::vector<Row>& table,
              const std::vector<std::string>& others);

  const std::vector<std::string>& classes() const { return classes_; }
  /// 1 for the classes that hold; nothing where a label is absent. Throws Error(bad_training_data).
  std::optional<std::vector<std::uint8_t>> of(const Row& row) const;

 private:
  [[noreturn]] void refuse(const std::string& detail) const;
  std::vector<std::string> class_names(const std::vector<Row>& table) const;

  const learn::DataOptions& data_;
  std::vector<std::string> columns_, classes_;
};

/// The row's patient, or `id` where the table does not say.
std::string patient_of(const TableLabels::Row& row, const learn::DataOptions& data,
                       const std::string& id);

/// How often the row is shown, 1 where the table does not say. Throws Error(bad_training_data).
double shown_of(const TableLabels::Row& row, const learn::DataOptions& data);

}  // namespace thorax::pipeline
