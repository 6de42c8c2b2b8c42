#include "intake/child_journal.h"

#include <algorithm>
#include <atomic>

namespace thorax::intake {
namespace {

template <class T>
T load(T& value) {
  return std::atomic_ref<T>(value).load();
}

template <class T>
void store(T& value, T now) {
  std::atomic_ref<T>(value).store(now);
}

}  // namespace

std::size_t Journal::size() {
  return sizeof(Pages);
}

Journal::Note::Note(Journal& journal, const EntryPlace& place) : journal_(journal), slot_(0) {
  for (; slot_ < kSlots; ++slot_) {
    std::int32_t free = 0;
    if (std::atomic_ref(journal_.pages_->slots[slot_].taken).compare_exchange_strong(free, 1))
      break;
  }
  turn(place);
}

Journal::Note::~Note() {
  if (slot_ < kSlots) store(journal_.pages_->slots[slot_].taken, 0);
}

void Journal::Note::turn(const EntryPlace& place) {
  ++std::atomic_ref(journal_.pages_->begun);
  if (slot_ >= kSlots) return;
  Slot& slot = journal_.pages_->slots[slot_];
  store(slot.file, place.file);
  store(slot.member, place.member);
  store(slot.nested, place.nested);
}

std::vector<EntryPlace> Journal::open() const {
  std::vector<EntryPlace> out;
  for (Slot& slot : pages_->slots)
    if (load(slot.taken) != 0)
      out.push_back({load(slot.file), load(slot.member), load(slot.nested)});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::uint32_t Journal::begun() const {
  return load(pages_->begun);
}

}  // namespace thorax::intake
