#include "evaluate/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/csv.h"
#include "base/error.h"
#include "base/files.h"
#include "evaluate/calibration.h"

namespace thorax::evaluate {
namespace {

constexpr const char* kLogit = "logit_";
constexpr const char* kProbability = "probability_";
constexpr const char* kTruth = "truth_";

[[noreturn]] void fail(const std::string& path, const std::string& detail) {
  throw Error("bad_option"_code, {{"option", "TABLE.csv"}, {"value", path}, {"hint", detail}});
}

/// What follows a prefix in the names of columns, in their order.
std::vector<std::string> classes_after(const std::vector<std::string>& names,
                                       const std::string& prefix) {
  std::vector<std::string> classes;
  for (const std::string& name : names)
    if (name.size() > prefix.size() && name.starts_with(prefix))
      classes.push_back(name.substr(prefix.size()));
  return classes;
}

class Reader {
 public:
  Reader(const std::string& path, const TableColumns& columns) : path_(path), columns_(columns) {}

  AnswerTable read() {
    const auto lines = parse_csv(read_file(path_));
    if (lines.size() < 2) fail(path_, "no rows");
    names_ = lines.front();
    find_classes();
    for (std::size_t i = 1; i < lines.size(); ++i) add(lines[i], i + 1);
    if (!prefix_is_logit_) return std::move(table_);
    if (table_.cases.exclusive) {
      table_.set_temperature(1);
    } else {
      for (const double logit : table_.logits)
        table_.cases.probabilities.push_back(1 / (1 + std::exp(-logit)));
    }
    return std::move(table_);
  }

 private:
  void find_classes() {
    Cases& cases = table_.cases;
    cases.classes = classes_after(names_, kLogit);
    prefix_is_logit_ = !cases.classes.empty();
    if (!prefix_is_logit_) cases.classes = classes_after(names_, kProbability);
    if (cases.classes.empty()) fail(path_, "no columns logit_CLASS or probability_CLASS");
    cases.exclusive = classes_after(names_, kTruth).empty();
    if (cases.exclusive && !has(columns_.truth)) fail(path_, "no column " + columns_.truth);
    for (const std::string& name : cases.classes)
      if (!cases.exclusive && !has(kTruth + name)) fail(path_, "no column " + (kTruth + name));
    if (cases.exclusive && cases.classes.size() < 2) fail(path_, "one class only");
  }

  bool has(const std::string& name) const {
    return std::ranges::find(names_, name) != names_.end();
  }

  void add(const std::vector<std::string>& fields, std::size_t line) {
    Row row;
    for (std::size_t i = 0; i < names_.size(); ++i)
      row[names_[i]] = i < fields.size() ? fields[i] : "";
    Cases& cases = table_.cases;
    bool known = false;
    for (const std::string& name : cases.classes) {
      const double answer = number(row, (prefix_is_logit_ ? kLogit : kProbability) + name, line);
      (prefix_is_logit_ ? table_.logits : cases.probabilities).push_back(answer);
      if (!prefix_is_logit_ && (answer < 0 || answer > 1))
        fail(path_, at(line) + "a probability is outside 0 … 1");
      const bool holds =
          cases.exclusive ? row[columns_.truth] == name : number(row, kTruth + name, line) > 0.5;
      known = known || holds;
      cases.truth.push_back(holds ? 1 : 0);
    }
    if (cases.exclusive && !known)
      fail(path_, at(line) + "\"" + row[columns_.truth] + "\" is none of the classes");
    if (has(columns_.patient)) cases.patients.push_back(row[columns_.patient]);
    table_.rows.push_back(std::move(row));
  }

  double number(const Row& row, const std::string& column, std::size_t line) const {
    const std::string& text = row.at(column);
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
      fail(path_, at(line) + column + " is no number: \"" + text + "\"");
    return value;
  }

  static std::string at(std::size_t line) { return "line " + std::to_string(line) + ": "; }

  const std::string& path_;
  const TableColumns& columns_;
  std::vector<std::string> names_;
  bool prefix_is_logit_ = false;
  AnswerTable table_;
};

}  // namespace

AnswerTable AnswerTable::where(const std::string& column, const std::string& value) const {
  AnswerTable part;
  part.cases.classes = cases.classes;
  part.cases.exclusive = cases.exclusive;
  const std::size_t classes = cases.classes.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto found = rows[i].find(column);
    if (found == rows[i].end() || found->second != value) continue;
    for (std::size_t k = i * classes; k < (i + 1) * classes; ++k) {
      part.cases.probabilities.push_back(cases.probabilities[k]);
      part.cases.truth.push_back(cases.truth[k]);
      if (!logits.empty()) part.logits.push_back(logits[k]);
    }
    if (!cases.patients.empty()) part.cases.patients.push_back(cases.patients[i]);
    part.rows.push_back(rows[i]);
  }
  if (part.rows.empty()) fail(column + "=" + value, "no rows");
  return part;
}

void AnswerTable::set_temperature(double temperature) {
  const std::size_t classes = cases.classes.size();
  cases.probabilities.clear();
  for (std::size_t i = 0; i + classes <= logits.size(); i += classes) {
    const auto row = softmax(std::span(logits).subspan(i, classes), temperature);
    cases.probabilities.insert(cases.probabilities.end(), row.begin(), row.end());
  }
}

AnswerTable read_answers(const std::string& path, const TableColumns& columns) {
  return Reader(path, columns).read();
}

}  // namespace thorax::evaluate
