// What a file is, told by its first bytes; names only break ties.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace thorax::intake {

enum class Content { dicom, nifti, nifti_gz, jpeg, png, zip, tar, tar_gz, other };

/// How many bytes sniff() wants to see (fewer when the file is shorter).
inline constexpr std::size_t kSniffBytes = 4096;

Content sniff(std::span<const std::uint8_t> head, std::string_view name);

inline bool is_archive(Content c) {
  return c == Content::zip || c == Content::tar || c == Content::tar_gz;
}

}  // namespace thorax::intake
