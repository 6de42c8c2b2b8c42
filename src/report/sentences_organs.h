// The Findings part of a report, organ by organ.
#pragma once

#include <vector>

#include "report/sentences.h"

namespace thorax::report {

/// One paragraph an organ of which something was measured or looked for.
std::vector<ReportParagraph> organ_paragraphs(const StudyResult& result);

}  // namespace thorax::report
