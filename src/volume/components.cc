#include "volume/components.h"

#include <numeric>

namespace thorax::volume {
namespace {

/// A maximal run of set voxels in one row: [x0, x1).
struct Run {
  int z, y, x0, x1;
};

/// All runs of a mask, joined by union-find. Touching the voxels only once and the far fewer runs
/// afterwards is what makes this fast (He, Chao and Suzuki, A Run-Based Two-Scan Labeling
/// Algorithm, 2008).
class RunForest {
 public:
  RunForest(const Mask& mask, Connectivity connectivity) : shape_(mask.shape()) {
    const int reach = connectivity == Connectivity::all ? 1 : 0;
    row_start_.resize(static_cast<std::size_t>(shape_.z) * static_cast<std::size_t>(shape_.y) + 1);
    for (int z = 0; z < shape_.z; ++z)
      for (int y = 0; y < shape_.y; ++y) {
        row_start_[row(z, y)] = runs_.size();
        collect(&mask(z, y, 0), z, y);
        row_start_[row(z, y) + 1] = runs_.size();
        if (y > 0) join(z, y, z, y - 1, reach);
        if (z > 0) {
          join(z, y, z - 1, y, reach);
          if (reach) {
            if (y > 0) join(z, y, z - 1, y - 1, reach);
            if (y + 1 < shape_.y) join(z, y, z - 1, y + 1, reach);
          }
        }
      }
    for (std::size_t i = 0; i < runs_.size(); ++i) parent_[i] = root(i);
  }

  const std::vector<Run>& runs() const { return runs_; }
  /// Root run of run i: the lowest run of its component.
  std::size_t component(std::size_t i) const { return parent_[i]; }
  /// The run that holds a voxel, or runs().size().
  std::size_t find(Index i) const {
    for (std::size_t r = row_start_[row(i.z, i.y)]; r < row_start_[row(i.z, i.y) + 1]; ++r)
      if (i.x >= runs_[r].x0 && i.x < runs_[r].x1) return r;
    return runs_.size();
  }

 private:
  std::size_t row(int z, int y) const {
    return static_cast<std::size_t>(z) * static_cast<std::size_t>(shape_.y) +
           static_cast<std::size_t>(y);
  }

  void collect(const std::uint8_t* voxels, int z, int y) {
    for (int x = 0; x < shape_.x;) {
      if (!voxels[x]) {
        ++x;
        continue;
      }
      const int start = x;
      while (x < shape_.x && voxels[x]) ++x;
      parent_.push_back(runs_.size());
      runs_.push_back({z, y, start, x});
    }
  }

  void join(int z, int y, int other_z, int other_y, int reach) {
    std::size_t a = row_start_[row(z, y)], b = row_start_[row(other_z, other_y)];
    const std::size_t a_end = row_start_[row(z, y) + 1];
    const std::size_t b_end = row_start_[row(other_z, other_y) + 1];
    while (a < a_end && b < b_end) {
      if (runs_[a].x0 < runs_[b].x1 + reach && runs_[b].x0 < runs_[a].x1 + reach) unite(a, b);
      if (runs_[a].x1 < runs_[b].x1)
        ++a;
      else
        ++b;
    }
  }

  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  void unite(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    if (a < b)
      parent_[b] = a;
    else
      parent_[a] = b;
  }

  Shape shape_;
  std::vector<Run> runs_;
  std::vector<std::size_t> parent_;
  std::vector<std::size_t> row_start_;
};

double sum_of(int from, int to) {  // from + … + (to - 1)
  return (static_cast<double>(from) + to - 1) * (to - from) / 2;
}

/// Components of a forest, largest first, and for each root run its rank.
std::vector<Component> rank(const RunForest& forest, std::vector<std::int32_t>& rank_of_run) {
  std::vector<Component> components;
  std::vector<std::int32_t> slot(forest.runs().size(), -1);
  for (std::size_t i = 0; i < forest.runs().size(); ++i) {
    const Run& run = forest.runs()[i];
    std::int32_t& s = slot[forest.component(i)];
    if (s < 0) {
      s = static_cast<std::int32_t>(components.size());
      components.push_back({.low = {run.z, run.y, run.x0}, .high = {run.z, run.y, run.x0}});
    }
    Component& c = components[static_cast<std::size_t>(s)];
    const double n = run.x1 - run.x0;
    c.voxels += static_cast<std::size_t>(run.x1 - run.x0);
    c.low = {std::min(c.low.z, run.z), std::min(c.low.y, run.y), std::min(c.low.x, run.x0)};
    c.high = {std::max(c.high.z, run.z), std::max(c.high.y, run.y), std::max(c.high.x, run.x1 - 1)};
    c.sum_z += n * run.z;
    c.sum_y += n * run.y;
    c.sum_x += sum_of(run.x0, run.x1);
  }
  std::vector<std::int32_t> order(components.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return components[static_cast<std::size_t>(a)].voxels >
           components[static_cast<std::size_t>(b)].voxels;
  });
  std::vector<Component> sorted;
  std::vector<std::int32_t> rank_of_slot(components.size());
  for (const std::int32_t s : order) {
    rank_of_slot[static_cast<std::size_t>(s)] = static_cast<std::int32_t>(sorted.size());
    sorted.push_back(components[static_cast<std::size_t>(s)]);
    sorted.back().label = static_cast<std::int32_t>(sorted.size());
  }
  rank_of_run.resize(forest.runs().size());
  for (std::size_t i = 0; i < rank_of_run.size(); ++i)
    rank_of_run[i] = rank_of_slot[static_cast<std::size_t>(slot[forest.component(i)])];
  return sorted;
}

template <class T>
void paint(Volume<T>& out, const Run& run, T value) {
  std::fill(&out(run.z, run.y, run.x0), &out(run.z, run.y, run.x0) + (run.x1 - run.x0), value);
}

}  // namespace

Components connected_components(const Mask& mask, Connectivity connectivity) {
  const RunForest forest(mask, connectivity);
  Components out{Volume<std::int32_t>(mask.grid()), {}};
  std::vector<std::int32_t> rank_of_run;
  out.components = rank(forest, rank_of_run);
  for (std::size_t i = 0; i < rank_of_run.size(); ++i)
    paint(out.labels, forest.runs()[i], rank_of_run[i] + 1);
  return out;
}

Mask largest_components(const Mask& mask, int count, std::size_t min_voxels) {
  const RunForest forest(mask, Connectivity::faces);
  std::vector<std::int32_t> rank_of_run;
  const std::vector<Component> components = rank(forest, rank_of_run);
  Mask out(mask.grid());
  for (std::size_t i = 0; i < rank_of_run.size(); ++i)
    if (rank_of_run[i] < count &&
        components[static_cast<std::size_t>(rank_of_run[i])].voxels >= min_voxels)
      paint(out, forest.runs()[i], std::uint8_t{1});
  return out;
}

Mask flood_fill(const Mask& allowed, const std::vector<Index>& seeds) {
  const RunForest forest(allowed, Connectivity::faces);
  std::vector<char> wanted(forest.runs().size(), 0);
  for (const Index& seed : seeds) {
    if (!allowed.grid().contains(seed.z, seed.y, seed.x)) continue;
    const std::size_t run = forest.find(seed);
    if (run < wanted.size()) wanted[forest.component(run)] = 1;
  }
  Mask out(allowed.grid());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[forest.component(i)]) paint(out, forest.runs()[i], std::uint8_t{1});
  return out;
}

}  // namespace thorax::volume
