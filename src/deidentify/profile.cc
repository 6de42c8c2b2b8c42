#include "deidentify/profile.h"

#include <algorithm>
#include <iterator>

namespace thorax::deidentify {
namespace {

using enum Action;

struct Row {
  std::uint32_t tag;
  Action action;
};

constexpr Row kTable[] = {
#define THORAX_ATTRIBUTE(tag, action) {tag, action},
#include "deidentify/profile.def"
#undef THORAX_ATTRIBUTE
};

static_assert(std::is_sorted(std::begin(kTable), std::end(kTable),
                             [](const Row& a, const Row& b) { return a.tag < b.tag; }));

const Row* row_of(std::uint32_t tag) {
  const Row* found = std::lower_bound(std::begin(kTable), std::end(kTable), tag,
                                      [](const Row& row, std::uint32_t t) { return row.tag < t; });
  return found != std::end(kTable) && found->tag == tag ? found : nullptr;
}

/// Pixels: PixelData and its two relatives for real numbers.
bool is_pixels(std::uint32_t tag) {
  return tag >= 0x7FE00008 && tag <= 0x7FE00010;
}

}  // namespace

Action action_of(std::uint32_t tag, Kind kind) {
  const std::uint32_t group = tag >> 16;
  if (group % 2 == 1) return remove;
  if (is_pixels(tag)) return keep;
  // Curves and overlays, sixteen groups of each (50xx, 60xx): the table names their data alone,
  // which without the rest make no sense.
  if ((group & 0xFF00) == 0x5000 || (group & 0xFF00) == 0x6000) return remove;
  if (kind == Kind::unknown) return remove;
  if (kind == Kind::uid) return uid;
  if (kind == Kind::date) return date;
  if (const Row* row = row_of(tag)) return row->action;
  // A name that the table does not know is a name nevertheless.
  if (kind == Kind::name) return remove;
  return kind == Kind::sequence ? inside : keep;
}

Action removed_date(std::uint32_t tag) {
  const Row* row = row_of(tag);
  return row ? row->action : remove;
}

bool may_keep_date(std::uint32_t tag) {
  return tag >> 16 != 0x0010;
}

}  // namespace thorax::deidentify
