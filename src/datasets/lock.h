// Which files a data set consists of, and which split each is in: one lock file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/progress.h"

namespace thorax::datasets {

struct LockedFile {
  std::string path;  ///< below the folder, with '/'
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string split;  ///< empty: none said
};

/// Sorted by path.
using Lock = std::vector<LockedFile>;

/// Every regular file below a folder, the file `except` left out. `splits`: by path. Throws Error:
/// no_such_input, bad_lock when a path of `splits` is no file, cancelled.
Lock lock_folder(const std::filesystem::path& folder,
                 const std::map<std::string, std::string>& splits,
                 const std::filesystem::path& except, const Progress& progress);

/// JSON: {"format": 1, "sha256": of all, "files": [{path, bytes, sha256, split}]}. The same files
/// give the same bytes. Throws Error(cannot_write).
void write_lock(const std::filesystem::path& path, const Lock& lock);
/// Throws Error: no_such_input, bad_lock.
Lock read_lock(const std::filesystem::path& path);

struct Differences {
  std::vector<std::string> missing, changed, added;
  bool none() const { return missing.empty() && changed.empty() && added.empty(); }
};

/// What is otherwise than the lock says.
Differences compare(const Lock& locked, const Lock& found);

}  // namespace thorax::datasets
