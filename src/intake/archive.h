// Members of a zip, tar or gzipped tar, one after another. Nothing is ever written to disk.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "intake/child_bytes.h"
#include "intake/child_sniff.h"
#include "intake/limits_budget.h"
#include "intake/study.h"

struct archive;
struct archive_entry;

namespace thorax::intake {

/// One member that is a plain file, or one that was refused.
struct Member {
  std::string name;               ///< inside the archive, UTF-8, "/" between folders
  std::optional<Notice> refused;  ///< absolute name, "..", link, device
};

class ArchiveReader {
 public:
  /// Reads an archive of the given kind from memory; `shown` is its name for people.
  ArchiveReader(Bytes bytes, Content kind, std::string shown, Budget& budget);
  /// The same from a file of `size` bytes, without holding all of it in memory.
  ArchiveReader(const std::string& file, std::uint64_t size, Content kind, std::string shown,
                Budget& budget);

  /// The next plain file or refused member; nullopt behind the last. Throws Error(archive_broken),
  /// Error(archive_encrypted) and what Budget throws.
  std::optional<Member> next();
  /// The first bytes of the member (up to kSniffBytes); reads no further than that.
  std::span<const std::uint8_t> head();
  /// How much of the archive has been read, 0 to 1.
  double fraction() const;
  /// All bytes of the member. Throws Error(archive_broken) and what Budget and Expansion throw.
  Bytes read();

 private:
  struct Closer {
    void operator()(archive* a) const;
  };

  ArchiveReader(std::uint64_t packed, Content kind, std::string shown, Budget& budget);
  std::optional<Notice> refusal(archive_entry* entry, const std::string& name) const;
  void read_some(std::size_t at_least);
  void count(std::size_t bytes);
  void pass_by();
  [[noreturn]] void broken() const;

  Bytes bytes_;
  Content kind_;
  std::uint64_t packed_;
  std::string shown_;
  Budget& budget_;
  Expansion expansion_;
  std::unique_ptr<archive, Closer> archive_;
  archive_entry* entry_ = nullptr;
  ByteBuffer buffer_;
  bool ended_ = false;
};

}  // namespace thorax::intake
