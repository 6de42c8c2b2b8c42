// Words and numbers as people read them, in both languages.
#pragma once

#include <optional>
#include <string>

#include "base/measurement.h"
#include "report/result.h"

namespace thorax::report {

inline const Text kResearchUseOnly{
    "Research use only. Not a medical device, not a diagnosis.",
    "Только для исследовательских целей. Не медицинское изделие, не диагноз."};

/// A Text made by the same steps in each language: make(Language) -> std::string.
template <class Make>
Text both(Make make) {
  return {make(Language::en), make(Language::ru)};
}

/// "−880", "11.2" or "11,2"; a dash when the value is not finite.
std::string number(double value, int decimals, Language language);
/// How a UCUM unit is written: "mL" or "мл"; empty for "1".
std::string unit_name(const std::string& ucum, Language language);
/// Number and unit: "84.6 mL", "84,6 мл".
std::string quantity(double value, int decimals, const std::string& ucum, Language language);
/// "3500–7500 mL", "up to 6 %", "from 20 HU"; empty without a range.
std::string range_text(const NormalRange& range, int decimals, const std::string& ucum,
                       Language language);
/// Where a value stands: -1 below the range, 0 inside, 1 above.
int against(const NormalRange& range, double value);

/// "61 years", "61 год"; months below two years.
std::string age_text(double years, Language language);
/// "2026-11-20" or "20.11.2026" from DICOM's "20261120"; other text as it is.
std::string date_text(const std::string& dicom_date, Language language);
/// "woman", "мужчина"; empty for anything but M and F.
std::string sex_text(const std::string& dicom_sex, Language language);
/// "Chest CT", "КТ органов грудной клетки"; without the chest when the study was refused.
Text kind_text(const StudyResult& result);

Text trust_text(Trust trust);
Text verdict_text(findings::VerdictKind kind);
Text reliability_text(Reliability reliability);
Text severity_text(Severity severity);
Text role_text(const std::string& role);

/// First letter in upper or lower case (Latin and Russian letters); lower leaves abbreviations
/// such as "COVID-19" or "КТ" alone.
std::string capitalised(const std::string& text);
std::string lower_first(const std::string& text);

}  // namespace thorax::report
