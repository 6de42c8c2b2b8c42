// Records as the API shows them (docs/openapi.json).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "report/result.h"
#include "store/records.h"

namespace thorax::serve {

using Json = nlohmann::ordered_json;

/// "2026-11-21T08:15:30.123Z"
std::string time_text(std::int64_t unix_ms);
/// The same back; the milliseconds may be left out. Nothing for anything else.
std::optional<std::int64_t> parse_time(const std::string& text);

/// Text of JSON for people's bytes: what is no UTF-8 becomes U+FFFD.
std::string dump(const Json& json);

Json job_json(const store::Job& job);
Json study_json(const store::Study& study);

/// What the work list shows of a result. Holds no name of a patient.
Json summary_json(const report::StudyResult& result);

}  // namespace thorax::serve
