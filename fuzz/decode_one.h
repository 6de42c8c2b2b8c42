// What every image target does with its input: read the header, then decode what it promises.
#pragma once

#include "intake/child_sniff.h"
#include "intake/limits.h"

namespace thorax::fuzz {

/// Limits that keep one input quick: what lies beyond them is refused, and refusing is tested too.
inline intake::Limits small_limits() {
  intake::Limits limits;
  limits.max_entries = 1000;
  limits.max_total_bytes = 64u << 20;
  limits.max_entry_bytes = 16u << 20;
  limits.max_pixels = 1u << 20;
  limits.max_frames = 64;
  limits.max_side = 1024;
  limits.spool_bytes = 16u << 20;
  return limits;
}

/// Reads `bytes` as one file of that kind: header, picture, and slices of a volume. Coded errors
/// are what readers of bad bytes are for; anything else leaves this function and is a find.
void decode_one(std::span<const std::uint8_t> bytes, intake::Content kind);

}  // namespace thorax::fuzz
