// A readable report: what was studied, what was seen, what it adds up to. Every number in it is a
// measurement of the result; what was not analysed is said.
#pragma once

#include <string>
#include <vector>

#include "report/result.h"

namespace thorax::report {

struct ReportParagraph {
  Text heading;  ///< "Lungs"; may be empty
  Text body;
};

struct ReportSection {
  Text title;  ///< "Findings", "Impression"
  std::vector<ReportParagraph> paragraphs;
};

/// Study, Findings, Impression of an analysed study; Study and the refusal of a failed one. The
/// patient's name and id never occur.
std::vector<ReportSection> report_sections(const StudyResult& result);

/// The sections as plain text, with the research-use notice first and last.
std::string report_text(const StudyResult& result, Language language);

/// The study in one line: "Chest CT of 2026-11-20; woman, 61 years".
Text study_line(const StudyResult& result);

/// The verdict in one sentence, with its score.
Text verdict_sentence(const findings::Verdict& verdict);

/// "largest nodule 9.1 mm"; the value alone where the evidence is named like the finding.
std::string evidence_phrase(const findings::Finding& finding, const findings::Evidence& evidence,
                            Language language);

/// "Not analysed: a, b (why); c (why)." Empty when everything was.
Text not_analysed_sentence(const findings::Decision& decision);

}  // namespace thorax::report
