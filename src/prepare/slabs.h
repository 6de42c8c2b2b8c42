// A few neighbouring CT slices as one picture with several channels: the input of the networks that
// work in two and a half dimensions.
#pragma once

#include "prepare/input.h"
#include "volume/volume.h"

namespace thorax::prepare {

/// HU that become 0 and 1.
struct SlabWindow {
  double low, high;
};

struct SlabOptions {
  int neighbours = 5;  ///< slices averaged, odd
  int size = 320;      ///< pixels a side of the result
  /// One channel each: everything, lung, mediastinum.
  std::vector<SlabWindow> windows = {{-1000, 2000}, {-825, 1275}, {40, 400}};
};

/// One channel a window: clipped to it and moved to [0, 1]; [height, width, windows] of one slice
/// of a volume after averaging with its neighbours, before resizing.
std::vector<float> slab_windows(const volume::CtVolume& hu, int slice, const SlabOptions& options);

/// [slices, windows, size, size]: the mean of each slice and its neighbours (mirrored at the ends
/// of the volume), windows, then resized by area. Throws Error("bad_option"_code) for options
/// without meaning or slices outside the volume.
NetworkInput prepare_slabs(const volume::CtVolume& hu, const std::vector<int>& slices,
                           const SlabOptions& options = {});

struct PackOptions {
  int neighbours = 5;                                             ///< slices side by side, odd
  int size = 320;                                                 ///< pixels a side of the result
  std::vector<SlabWindow> windows = {{-1000, 400}, {-150, 250}};  ///< lung, mediastinum
};

/// The slices packs are made around: every `step`-th of the middle 80 % of `depth` slices.
std::vector<int> pack_anchors(int depth, int step);
/// The slices of a pack: -2 ... 2 around the anchor, mirrored once at an end, then kept inside.
std::vector<int> pack_slices(int anchor, int depth, int neighbours);

/// [anchors, neighbours * windows, size, size]: slices resized by area first, then windowed; the
/// windows of a slice side by side. Throws Error("bad_option"_code) as above.
NetworkInput prepare_packs(const volume::CtVolume& hu, const std::vector<int>& anchors,
                           const PackOptions& options = {});

}  // namespace thorax::prepare
