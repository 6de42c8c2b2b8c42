// What the Basic Application Level Confidentiality Profile (PS3.15, annex E) does with an
// attribute.
#pragma once

#include <cstdint>

namespace thorax::deidentify {

enum class Action : std::uint8_t {
  keep,
  inside,  ///< keep a sequence, and look at what is in it
  remove,
  empty,  ///< keep the attribute without a value
  dummy,  ///< another value that says nothing
  uid,    ///< another UID, the same one wherever the old one stood
  date,   ///< remove, keep or shift: as is asked
};

/// What kind of value an attribute has, as far as it matters here.
enum class Kind : std::uint8_t { text, number, date, uid, name, sequence, unknown };

/// `tag`: group and element. Private attributes (odd groups), curves and overlays are removed, and
/// so is what the standard's dictionary does not know (Kind::unknown): nobody can tell what it
/// says.
Action action_of(std::uint32_t tag, Kind kind);

/// What becomes of a date or time when those are removed: remove, empty or dummy.
Action removed_date(std::uint32_t tag);

/// Whether a date or time may stay, as it is or shifted: those of the patient's own life (group
/// 0010) may not.
bool may_keep_date(std::uint32_t tag);

}  // namespace thorax::deidentify
