// Names of what the service keeps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace thorax::store {

/// 24 hex digits that nobody can guess: 12 of the time in milliseconds, so that ids sort by age,
/// and 12 random ones.
std::string new_id();
/// Whether a text could be one: 24 lower-case hex digits.
bool is_id(std::string_view text);

/// Milliseconds since 1970-01-01 UTC.
std::int64_t now_ms();

}  // namespace thorax::store
