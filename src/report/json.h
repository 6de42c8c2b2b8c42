// A study's result as JSON (schemas/study-result.schema.json) and back.
#pragma once

#include <string>
#include <string_view>

#include "report/result.h"

namespace thorax::report {

/// Version of the JSON layout: the major number changes when a reader of the old one would break.
inline constexpr const char* kSchemaVersion = "1.4";

struct JsonOptions {
  bool identify = false;  ///< write the patient's name and id
};

/// UTF-8 text with a stable key order. Pictures are named, not embedded. Text that is not valid
/// UTF-8 and numbers that are not finite become U+FFFD and null. `result_sha256` is the hash of the
/// text with that value empty.
std::string to_json(const StudyResult& result, const JsonOptions& options = {});

/// Reads what to_json wrote; pictures come back without pixels. Throws
/// Error("report_unreadable"_code) when it is no result of a version this program knows.
StudyResult from_json(std::string_view text);

/// True when the text is what to_json wrote, byte for byte, judged by its result_sha256.
/// Throws like from_json when it is no JSON at all.
bool json_is_intact(std::string_view text);

std::string_view to_string(Trust trust);       ///< "good" | "usable" | "unfit"
std::string_view to_string(PictureRole role);  ///< "key" | "plane" | "xray"
std::string_view to_string(findings::VerdictKind kind);
std::string_view to_string(Reliability reliability);
std::string_view to_string(Severity severity);

}  // namespace thorax::report
