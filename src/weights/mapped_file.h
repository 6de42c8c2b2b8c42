// A file in memory without reading it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace thorax::weights {

struct MappedFile {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  ///< unmaps when the last copy goes
};

/// Maps a file read-only. Throws Error("no_such_input"_code).
MappedFile map_file(const std::filesystem::path& path);

}  // namespace thorax::weights
