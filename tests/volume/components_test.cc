#include "volume/components.h"

#include <gtest/gtest.h>

#include <queue>
#include <random>

namespace thorax::volume {
namespace {

Mask random_mask(const Shape& shape, double share, unsigned seed) {
  Mask mask({shape, {1, 1, 1}, {0, 0, 0}});
  std::mt19937 random(seed);
  std::bernoulli_distribution set(share);
  for (auto& v : mask.voxels()) v = set(random);
  return mask;
}

/// The plain way: breadth-first search.
std::vector<std::size_t> sizes_by_search(const Mask& mask, bool all_neighbours) {
  Mask seen(mask.grid());
  std::vector<std::size_t> sizes;
  for (std::size_t start = 0; start < mask.size(); ++start) {
    if (!mask[start] || seen[start]) continue;
    std::queue<Index> queue;
    queue.push(mask.grid().at(start));
    seen[start] = 1;
    std::size_t n = 0;
    while (!queue.empty()) {
      const Index i = queue.front();
      queue.pop();
      ++n;
      for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const int steps = std::abs(dz) + std::abs(dy) + std::abs(dx);
            if (steps == 0 || (!all_neighbours && steps > 1)) continue;
            const Index j{i.z + dz, i.y + dy, i.x + dx};
            if (!mask.grid().contains(j.z, j.y, j.x)) continue;
            const std::size_t o = mask.grid().offset(j);
            if (!mask[o] || seen[o]) continue;
            seen[o] = 1;
            queue.push(j);
          }
    }
    sizes.push_back(n);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  return sizes;
}

class ComponentsAgainstSearch : public testing::TestWithParam<std::tuple<double, unsigned>> {};

TEST_P(ComponentsAgainstSearch, SameSizes) {
  const auto [share, seed] = GetParam();
  const Mask mask = random_mask({9, 11, 13}, share, seed);
  for (const Connectivity connectivity : {Connectivity::faces, Connectivity::all}) {
    const Components found = connected_components(mask, connectivity);
    std::vector<std::size_t> sizes;
    for (const Component& c : found.components) sizes.push_back(c.voxels);
    EXPECT_EQ(sizes, sizes_by_search(mask, connectivity == Connectivity::all));
    std::vector<std::size_t> painted(found.components.size() + 1);
    for (std::size_t i = 0; i < mask.size(); ++i) {
      EXPECT_EQ(found.labels[i] != 0, mask[i] != 0);
      ++painted[static_cast<std::size_t>(found.labels[i])];
    }
    for (const Component& c : found.components)
      EXPECT_EQ(painted[static_cast<std::size_t>(c.label)], c.voxels);
  }
}

INSTANTIATE_TEST_SUITE_P(Random, ComponentsAgainstSearch,
                         testing::Combine(testing::Values(0.1, 0.3, 0.5, 0.8),
                                          testing::Values(1U, 2U, 3U)));

TEST(Components, BoxAndCentroid) {
  Mask mask({{5, 5, 5}, {1, 1, 1}, {0, 0, 0}});
  for (int z = 1; z <= 3; ++z)
    for (int x = 2; x <= 4; ++x) mask(z, 2, x) = 1;
  const Component c = connected_components(mask).components.at(0);
  EXPECT_EQ(c.low, (Index{1, 2, 2}));
  EXPECT_EQ(c.high, (Index{3, 2, 4}));
  EXPECT_EQ(c.centroid(), (std::array<double, 3>{2, 2, 3}));
}

TEST(Components, LargestAndFloodFill) {
  Mask mask({{1, 1, 9}, {1, 1, 1}, {0, 0, 0}});
  for (const int x : {0, 2, 3, 5, 6, 7}) mask(0, 0, x) = 1;
  const Mask largest = largest_components(mask, 1);
  EXPECT_EQ((std::vector<int>(largest.voxels().begin(), largest.voxels().end())),
            (std::vector<int>{0, 0, 0, 0, 0, 1, 1, 1, 0}));
  const Mask filled = flood_fill(mask, {{0, 0, 2}, {0, 0, 4}});
  EXPECT_EQ((std::vector<int>(filled.voxels().begin(), filled.voxels().end())),
            (std::vector<int>{0, 0, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_TRUE(connected_components(Mask({{1, 1, 3}, {1, 1, 1}, {}})).components.empty());
}

}  // namespace
}  // namespace thorax::volume
