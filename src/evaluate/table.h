// Answers of a model as a table, one case a row.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "evaluate/metrics.h"

namespace thorax::evaluate {

using Row = std::map<std::string, std::string>;

/// How a table is to be read.
struct TableColumns {
  std::string truth = "class";         ///< holds the name of the true class
  std::string patient = "patient_id";  ///< absent: each case is a patient
};

/// Cases with the rows that they came from.
struct AnswerTable {
  Cases cases;
  /// [cases, classes], where the table holds logits; else empty.
  std::vector<double> logits;
  std::vector<Row> rows;

  /// The cases whose column has that value; throws Error("bad_option"_code) when there is none.
  AnswerTable where(const std::string& column, const std::string& value) const;
  /// Divides the logits by a temperature and sets the probabilities to their softmax.
  void set_temperature(double temperature);
};

/// Columns logit_CLASS or probability_CLASS say what the model answered, in the order of the
/// classes. With columns truth_CLASS (0 or 1) every class is a question of its own and logits go
/// through the sigmoid; else the truth column names one class a case and logits go through the
/// softmax. `path` is named in errors. Throws Error: bad_option, no_such_input.
AnswerTable read_answers(const std::string& path, const TableColumns& columns = {});

}  // namespace thorax::evaluate
