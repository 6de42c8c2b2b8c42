// What an evaluation says, as JSON, as a page and as lines for a terminal.
#pragma once

#include <string>

#include "evaluate/evaluation.h"
#include "report/result.h"

namespace thorax::report {

struct EvaluationTitle {
  std::string source;  ///< the table, as the user named it
  std::string rows;    ///< which of its rows were taken: "split=test"; empty for all
};

/// UTF-8 text with a stable key order; numbers that are not defined are null.
std::string evaluation_json(const evaluate::Evaluation& evaluation, const EvaluationTitle& title);

/// One self-contained page without scripts: tables with intervals, ROC, precision-recall and
/// reliability plots, confusion matrix, slices. Both languages.
std::string evaluation_page(const evaluate::Evaluation& evaluation, const EvaluationTitle& title,
                            Language language);

/// The numbers as a text table: one line a class, the averages, one line a slice.
std::string evaluation_lines(const evaluate::Evaluation& evaluation, Language language);

/// "0.971 (0.958–0.982)"; the number alone without an interval, a dash where it is not defined.
std::string estimate_text(const evaluate::Estimate& estimate, Language language);

/// What a number of ClassMetrics is called, by its id ("sensitivity").
Text metric_name(const std::string& id);

}  // namespace thorax::report
