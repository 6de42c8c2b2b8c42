// Decodes series and images into shared memory, inside the decoding child.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "intake/child_store.h"
#include "intake/geometry.h"

namespace thorax::intake {

/// A frame to decode: which entry of the source, which frame of it.
struct EntryFrame {
  std::size_t entry = 0;
  int frame = 0;
};

struct DecodedVolume {
  bool has_outside = false;
  std::vector<Notice> notices;
};

/// Decodes frames as Hounsfield units, frame k to the k-th slice of `hu` (rows * columns values
/// each); `outside` must come zeroed. Throws Error for the first frame, in order of `frames`, that
/// cannot be decoded.
DecodedVolume decode_volume(const std::vector<IndexedEntry>& entries, const Limits& limits,
                            const std::vector<EntryFrame>& frames, int rows, int columns,
                            std::span<std::int16_t> hu, std::span<std::uint8_t> outside,
                            const std::function<void(double)>& progress);

/// Decodes one frame or picture as rows * columns * channels grey levels (Source::load_image).
std::vector<Notice> decode_image(const std::vector<IndexedEntry>& entries, const Limits& limits,
                                 EntryFrame frame, std::span<float> out);

}  // namespace thorax::intake
