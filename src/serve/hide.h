// What may name a patient, left out for those who do not have the right to see it: names and ids
// of patients, and names of files, which people give patients' names.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "serve/identity.h"
#include "store/records.h"

namespace thorax::serve {

/// What stands where something was left out.
inline constexpr const char* kHidden = "•••";

bool sees_names(const Identity& who);
/// Throws Error("not_allowed"_code) for those who do not.
void require_names(const Identity& who);

/// The study as that one may see it: its name may be another.
store::Study shown_study(store::Study study, const Identity& who);

/// A study, a job or a list of them as that one may see it: why something failed names the file.
nlohmann::ordered_json shown_json(nlohmann::ordered_json json, const Identity& who);

/// Words of a result (result.json) that may name its patient, the longest first.
std::vector<std::string> naming_words(const nlohmann::ordered_json& result);

/// Files of a report that hold such words: result.json, report.html, report.txt.
bool may_name(const std::filesystem::path& file);

/// Such a file without them. `result`: the report's result.json. Throws
/// Error("report_unreadable"_code) when that one cannot be read.
std::string without_names(const std::filesystem::path& file, const std::filesystem::path& result);

/// JSON with the words replaced wherever they stand in a text.
nlohmann::ordered_json without_words(nlohmann::ordered_json json,
                                     const std::vector<std::string>& words);
/// A page with the words replaced in what is read, not in its markup.
std::string html_without_words(const std::string& page, const std::vector<std::string>& words);

}  // namespace thorax::serve
