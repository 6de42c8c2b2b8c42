// Where the real data lies that some tests use when it is there; it never ships.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace thorax::intake {

/// Folder of the shared data: $THORAX_SHARED_DATA, or ../shared/data beside the sources.
inline std::filesystem::path shared_data() {
  const char* set = std::getenv("THORAX_SHARED_DATA");
  return set ? std::filesystem::path(set)
             : std::filesystem::path(THORAX_SOURCE_DIR) / ".." / "shared" / "data";
}

}  // namespace thorax::intake

/// Skips the test where `path` (below the shared data) is absent.
#define THORAX_NEEDS_SHARED(path)                                       \
  if (!std::filesystem::exists(thorax::intake::shared_data() / (path))) \
  GTEST_SKIP() << (thorax::intake::shared_data() / (path)).string() << " is absent"
