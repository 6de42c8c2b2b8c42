// Numbers over voxels.
#pragma once

#include <vector>

#include "volume/volume.h"

namespace thorax::volume {

struct Moments {
  std::size_t count = 0;
  double mean = 0;
  double deviation = 0;  ///< population standard deviation
  std::int16_t low = 0, high = 0;
};

/// Over the voxels with mask != 0 (all voxels when `mask` is nullptr); same grid.
Moments moments(const CtVolume& values, const Mask* mask = nullptr);

/// A histogram of whole HU values in [low, high]; values beyond are counted in the end bins.
class HuHistogram {
 public:
  HuHistogram(int low = -1100, int high = 3100)
      : low_(low), counts_(static_cast<std::size_t>(high - low + 1)) {}

  void add(int hu);
  std::uint64_t total() const { return total_; }
  int low() const { return low_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  /// Share of values strictly below `hu`, in [0, 1]; 0 when empty.
  double share_below(int hu) const;
  double share_above(int hu) const;  ///< strictly above
  /// Value at percentile p in [0, 100], linear inside the bin; NaN when empty.
  double percentile(double p) const;
  double mean() const;

 private:
  int low_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

HuHistogram histogram(const CtVolume& values, const Mask* mask = nullptr);
HuHistogram histogram(const CtVolume& values, const Labels& labels, std::uint8_t label);

}  // namespace thorax::volume
