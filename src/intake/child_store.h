// Where the bytes of every entry are, inside the decoding child.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "intake/child_bytes.h"
#include "intake/child_sniff.h"
#include "intake/limits_budget.h"
#include "intake/series_model.h"

namespace thorax::intake {

/// Place of a member inside an archive, counted over all its members.
struct Origin {
  std::string file;                ///< on disk
  int member = -1;                 ///< of the archive `file`; -1 for the file itself
  int nested = -1;                 ///< of the archive that `member` is; -1 for the member itself
  Content outer = Content::other;  ///< kind of the archive `file`
  Content inner = Content::other;  ///< kind of the archive `member`
  Bytes kept;                      ///< the bytes, where they were kept in memory
};

/// One file of the source and what its header said.
struct IndexedEntry {
  Entry entry;
  Origin origin;
  Content content = Content::other;
  std::variant<FileHeader, Notice> what;
};

/// Gives bytes of entries; what was not kept in memory is read from the archive again.
class Store {
 public:
  Store(const std::vector<IndexedEntry>& entries, const Limits& limits)
      : entries_(entries), limits_(limits) {}

  /// Calls work(position in `wanted`, bytes) once for each, from several threads, in any order.
  void visit(const std::vector<std::size_t>& wanted,
             const std::function<void(std::size_t, const Bytes&)>& work) const;

 private:
  void visit_archive(const std::string& file, const std::vector<std::size_t>& wanted,
                     const std::vector<std::size_t>& positions,
                     const std::function<void(std::size_t, const Bytes&)>& work) const;

  const std::vector<IndexedEntry>& entries_;
  Limits limits_;
};

}  // namespace thorax::intake
