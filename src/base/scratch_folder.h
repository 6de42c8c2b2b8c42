// A folder of one piece of work.
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

namespace thorax {

/// The folder of that name, gone with all it holds when this goes, as is whatever an earlier piece
/// of work left there. Who fills it makes it.
class ScratchFolder {
 public:
  /// Throws std::filesystem::filesystem_error when what stands there cannot be removed.
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::remove_all(path_);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace thorax
