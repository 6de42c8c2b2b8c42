// A folder of files that are named by their content: the same bytes are kept once, and a file that
// is there is whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "base/hash.h"

namespace thorax::store {

struct StoredFile {
  std::string sha256;
  std::uint64_t bytes = 0;
};

class FileFolder;

/// A file on its way in: written as it arrives, in little memory. Destroyed without commit(), it
/// leaves nothing behind.
class Upload {
 public:
  Upload(Upload&& other) noexcept;
  Upload& operator=(Upload&&) = delete;
  ~Upload();

  /// Throws Error: disk_full, cannot_write.
  void write(std::span<const char> bytes);
  std::uint64_t bytes() const { return bytes_; }
  /// Its bytes are on the disk, under its final name, when this returns. Throws as write() does.
  StoredFile commit();

 private:
  friend class FileFolder;
  explicit Upload(FileFolder& folder);
  /// The same bytes under a second name.
  Upload(FileFolder& folder, const std::filesystem::path& whole);

  struct At {
    std::filesystem::path path;
  };
  Upload(FileFolder& folder, At at) : folder_(&folder), path_(std::move(at.path)) {}

  FileFolder* folder_;
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  std::uint64_t checked_at_ = 0;  ///< bytes_ when the free space was looked at last
  std::uint64_t begun_at_ = 0;    ///< bytes that the disk was asked to begin with
  Sha256 hash_;
};

class FileFolder {
 public:
  /// Makes the folder. `reserve`: bytes of the disk that uploads leave free.
  FileFolder(std::filesystem::path root, std::uint64_t reserve);

  /// Throws Error("disk_full"_code) when `expected` more bytes would eat into the reserve; 0: the
  /// length is not known yet.
  Upload begin(std::uint64_t expected = 0);
  /// A whole file that lies elsewhere on the same disk, as an upload that has arrived. The file
  /// itself stays where it is. Throws Error: disk_full, cannot_write.
  Upload take_over(const std::filesystem::path& whole);
  std::filesystem::path path_of(const std::string& sha256) const;
  void remove(const std::string& sha256) const;
  /// Removes what earlier runs left: unfinished uploads, and files that nothing `keeps`.
  void sweep(const std::function<bool(const std::string& sha256)>& keeps) const;
  /// Bytes that may still be taken in.
  std::uint64_t free_bytes() const;

 private:
  friend class Upload;

  std::filesystem::path root_;
  std::uint64_t reserve_;
};

/// Makes what was renamed, made or removed in a folder survive a power cut.
/// Throws Error("cannot_write"_code).
void sync_folder(const std::filesystem::path& folder);
void sync_file(const std::filesystem::path& file);
/// The same for every file and folder below one.
void sync_tree(const std::filesystem::path& folder);

}  // namespace thorax::store
