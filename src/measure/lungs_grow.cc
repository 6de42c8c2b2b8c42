#include "measure/lungs_grow.h"

#include <array>
#include <cmath>

namespace thorax::measure {
namespace {

/// Calls visit(offset) for the face neighbours of a voxel.
template <class Visit>
void for_faces(const volume::Grid& grid, std::size_t offset, const Visit& visit) {
  const volume::Index i = grid.at(offset);
  const auto row = static_cast<std::size_t>(grid.shape.x);
  const std::size_t slice = row * static_cast<std::size_t>(grid.shape.y);
  if (i.z > 0) visit(offset - slice);
  if (i.y > 0) visit(offset - row);
  if (i.x > 0) visit(offset - 1);
  if (i.x + 1 < grid.shape.x) visit(offset + 1);
  if (i.y + 1 < grid.shape.y) visit(offset + row);
  if (i.z + 1 < grid.shape.z) visit(offset + slice);
}

}  // namespace

void grow_labels(volume::Labels& labels, const volume::Mask& allowed, int steps) {
  std::vector<std::size_t> front, next;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i]) front.push_back(i);
  for (int step = 0; step < steps && !front.empty(); ++step) {
    next.clear();
    for (const std::size_t i : front)
      for_faces(labels.grid(), i, [&](std::size_t n) {
        if (labels[n] || !allowed[n]) return;
        labels[n] = labels[i];
        next.push_back(n);
      });
    front.swap(next);
  }
}

void grow_labels_downhill(volume::Labels& labels, const volume::Mask& allowed,
                          const volume::Volume<float>& height) {
  // Half-millimetre levels; a voxel waits in the bucket of its level, first come first served.
  constexpr int kLevels = 256;
  const auto level = [&](std::size_t i) {
    return std::clamp(static_cast<int>(std::lround(height[i] * 2)), 0, kLevels - 1);
  };
  std::array<std::vector<std::size_t>, kLevels> waiting;
  const auto offer_neighbours = [&](std::size_t i, int from) {
    for_faces(labels.grid(), i, [&](std::size_t n) {
      if (labels[n] || !allowed[n]) return;
      labels[n] = labels[i];
      waiting[static_cast<std::size_t>(std::min(level(n), from))].push_back(n);
    });
  };
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i]) waiting[static_cast<std::size_t>(level(i))].push_back(i);
  for (int l = kLevels - 1; l >= 0; --l) {
    auto& bucket = waiting[static_cast<std::size_t>(l)];
    for (std::size_t k = 0; k < bucket.size(); ++k) offer_neighbours(bucket[k], l);
  }
}

}  // namespace thorax::measure
