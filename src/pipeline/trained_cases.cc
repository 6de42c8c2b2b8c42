// Options and tables of the recipes on labelled studies.
#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "evaluate/threshold.h"
#include "learn/table.h"
#include "pipeline/trained_head.h"

namespace thorax::pipeline {
namespace {

using learn::Split;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& option, const std::string& value,
                         const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

}  // namespace

std::vector<double> positive_weight(const std::string& text, const learn::LabelledCases& set,
                                    const std::vector<Split>& splits) {
  if (text.empty()) return {};
  if (text == "balanced") return learn::balanced_weights(set, splits);
  std::vector<double> weights;
  const char* at = text.c_str();
  while (*at != '\0') {
    char* end = nullptr;
    weights.push_back(std::strtod(at, &end));
    if (end == at || !(weights.back() > 0) || (*end != '\0' && *end != ',')) break;
    at = *end == ',' ? end + 1 : end;
  }
  if (*at != '\0' || weights.size() != set.classes.size())
    refuse("training.positive_weight", text,
           "balanced | " + std::to_string(set.classes.size()) + " × 0.01 …");
  return weights;
}

std::string csv_of(const learn::LabelledCases& set, const std::vector<Split>& splits) {
  std::string text = "study_id,patient_id,split";
  for (const std::string& name : set.classes) text += ',' + learn::table_field(name);
  text += '\n';
  for (std::size_t i = 0; i < set.count(); ++i) {
    text += learn::table_field(set.ids[i]) + ',' + learn::table_field(set.patients[i]) + ',' +
            learn::to_string(splits[i]);
    for (std::size_t k = 0; k < set.classes.size(); ++k) text += set.holds(i, k) ? ",1" : ",0";
    text += '\n';
  }
  return text;
}

json counts_of(const learn::LabelledCases& set, const std::vector<Split>& splits) {
  json counts;
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    json& count = counts[learn::to_string(split)];
    count["studies"] = std::ranges::count(splits, split);
    for (std::size_t k = 0; k < set.classes.size(); ++k) {
      int holds = 0;
      for (std::size_t i = 0; i < set.count(); ++i)
        holds += splits[i] == split && set.holds(i, k) ? 1 : 0;
      count["positive"][set.classes[k]] = holds;
    }
  }
  return counts;
}

void check_case_options(const learn::Options& training, bool exclusive) {
  const std::string& loss = training.training.loss;
  if (exclusive ? loss != "cross_entropy" && loss != "focal" : loss != "bce")
    refuse("training.loss", loss, exclusive ? "cross_entropy | focal" : "bce");
  try {
    evaluate::parse_goal(training.run.goal);
  } catch (const std::invalid_argument&) {
    refuse("run.goal", training.run.goal, "youden | f1 | sensitivity>=0.95 | specificity>=0.95");
  }
}

}  // namespace thorax::pipeline
