// Bytes as text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thorax {

/// RFC 4648, section 4, padded, on one line.
std::string base64(std::span<const std::uint8_t> bytes);

/// The bytes of such a text; nothing for what is none.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace thorax
