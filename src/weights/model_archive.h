// Model folders and checkpoints that come as a zip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace thorax::weights {

/// Unpacks a zip whose files lie side by side, at its root or in one folder, into `folder`; their
/// paths, by name. What systems add (__MACOSX, names with a dot first) is left out. Throws
/// Error("bad_weights"_code): no zip, damaged, files in several folders, more than 64 of them, or
/// more than `max_bytes` together; Error("cannot_write"_code).
std::vector<std::filesystem::path> unpack_model(const std::filesystem::path& zip,
                                                const std::filesystem::path& folder,
                                                std::uint64_t max_bytes);

}  // namespace thorax::weights
