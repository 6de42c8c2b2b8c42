// Files that arrive in parts: one that was cut short goes on where it stopped, after a crash of the
// service too.
//
//   ROOT/ID        its bytes        ROOT/ID.json   {"name", "bytes", "received"}
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "store/files.h"

namespace thorax::store {

struct PartialFile {
  std::string id, name;
  std::uint64_t bytes = 0;     ///< of the whole file, as its sender announced it
  std::uint64_t received = 0;  ///< of them that are on the disk
};

/// Safe to use from several threads.
class PartFolder {
 public:
  /// Makes the folder. `most`: files that may be on their way at a time.
  PartFolder(std::filesystem::path root, FileFolder& files, int most);

  /// Throws Error: too_many_uploads, disk_full, cannot_write.
  PartialFile begin(const std::string& name, std::uint64_t bytes);
  /// Throws Error("unknown_id"_code).
  PartialFile state(const std::string& id) const;

  /// Takes the bytes of one part. What it took is kept, however it ends.
  class Part {
   public:
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part();

    /// Throws Error: upload_too_large (more than was announced), disk_full, cannot_write.
    void write(std::span<const char> bytes);
    /// Its bytes are on the disk when this returns. Throws Error: disk_full, cannot_write.
    PartialFile finish();

   private:
    friend class PartFolder;
    Part(PartFolder& folder, PartialFile file, std::shared_ptr<void> held);
    /// Flushes what came to the disk and writes down how much it is.
    void settle();

    PartFolder& folder_;
    PartialFile file_;
    std::shared_ptr<void> held_;
    int descriptor_ = -1;
  };

  /// Throws Error: unknown_id, upload_busy (another part arrives), upload_offset (the next byte is
  /// another one).
  Part append(const std::string& id, std::uint64_t offset);
  /// The whole file, as if it had come at once; it stays here until it is removed.
  /// Throws Error: unknown_id, upload_busy, upload_incomplete.
  Upload whole(const std::string& id);
  /// Throws Error: unknown_id, upload_busy.
  void remove(const std::string& id);
  /// Removes what nobody has sent a part of since a time (Unix milliseconds), and what has no
  /// record.
  void sweep(std::int64_t since);

 private:
  std::filesystem::path data(const std::string& id) const { return root_ / id; }
  void keep(const PartialFile& file) const;
  /// Held while somebody writes to a file. Throws Error("upload_busy"_code).
  std::shared_ptr<void> hold(const std::string& id);

  const std::filesystem::path root_;
  FileFolder& files_;
  const int most_;
  std::mutex mutex_;
  std::set<std::string> busy_;
};

}  // namespace thorax::store
