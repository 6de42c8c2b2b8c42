// warnings_and_errors.txt of a batch.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/result.h"

namespace thorax::report {

/// For each study that has something to say: its name, then on a new line and indented by a tab
/// each warning, or for a refused study the error as "CODE: what happened What to do". Empty when
/// no study has any.
std::string warnings_text(const std::vector<StudyResult>& results, Language language);
/// The same of one study.
std::string warnings_text(const StudyResult& result, Language language);

/// Throws Error("cannot_write"_code). Writes an empty file when there is nothing to say, so that an
/// old one does not stay.
void write_warnings(const std::filesystem::path& path, const std::string& text);

}  // namespace thorax::report
