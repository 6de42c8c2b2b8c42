// The files of a folder, at any depth.
#pragma once

#include <string>
#include <vector>

#include "intake/limits_budget.h"
#include "intake/study.h"

namespace thorax::intake {

struct WalkedFile {
  std::string file;   ///< path to open
  std::string shown;  ///< path inside the source, "/" between folders
  std::uint64_t size = 0;
};

struct Walk {
  std::vector<WalkedFile> files;    ///< sorted by `shown`
  std::vector<SetAside> set_aside;  ///< links, devices, folders that cannot be read
};

/// Lists a folder, or a single file (shown by its name). Links are not followed, so that a folder
/// copied from an unknown medium cannot lead out of itself. Throws Error(no_such_input) when the
/// path itself cannot be read, and what Budget throws.
Walk walk(const std::string& path, Budget& budget);

}  // namespace thorax::intake
