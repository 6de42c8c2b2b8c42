// What the decoding child is at work on, in memory that its parent can still read when it is dead.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace thorax::intake {

/// An entry by its place: number of the file on disk (in the order of walk()), of the member of
/// that archive, of the member of the archive inside it. -1 stands for the file or archive itself.
struct EntryPlace {
  std::int32_t file = -1, member = -1, nested = -1;
  auto operator<=>(const EntryPlace&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// Open pages in shared memory that comes zeroed. The child writes from any thread; what the
/// parent reads may be anything.
class Journal {
 public:
  /// Bytes of memory it needs.
  static std::size_t size();
  explicit Journal(void* memory) : pages_(static_cast<Pages*>(memory)) {}
  /// In memory of its own, for nobody to read.
  Journal() : own_(std::make_shared<Pages>()), pages_(own_.get()) {}

  /// Notes an entry as being read, as long as it lives.
  class Note {
   public:
    Note(Journal& journal, const EntryPlace& place);
    ~Note();
    Note(const Note&) = delete;
    Note& operator=(const Note&) = delete;
    /// Goes on with another entry.
    void turn(const EntryPlace& place);

   private:
    Journal& journal_;
    std::size_t slot_;
  };

  /// Entries noted and not done, ordered, each once.
  std::vector<EntryPlace> open() const;
  /// How many entries were begun so far.
  std::uint32_t begun() const;

 private:
  static constexpr std::size_t kSlots = 256;  ///< more threads than these go unnoted
  struct Slot {
    std::int32_t taken, file, member, nested;
  };
  struct Pages {
    std::uint32_t begun;
    std::array<Slot, kSlots> slots;
  };
  std::shared_ptr<Pages> own_;
  Pages* pages_;
};

}  // namespace thorax::intake
