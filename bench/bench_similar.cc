// How fast the nearest of many embeddings are found:
//
//   bench_similar [ROWS] [WIDTH]
//
// Prints the time of one query and of sixteen together over ROWS embeddings (1,000,000 of 512) in
// memory, each the best of several runs, and the rate at which the first reads them. The search
// compares every row, so its recall is 1.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "pipeline/embedding_index.h"

namespace {

using namespace thorax;

constexpr int kRuns = 5;
constexpr std::size_t kNeighbours = 30;

double best_seconds(const pipeline::EmbeddingIndex& index, std::size_t queries) {
  std::vector<std::vector<float>> asked;
  for (std::size_t q = 0; q < queries; ++q)
    asked.emplace_back(index.row(q).begin(), index.row(q).end());
  double best = 1e9;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto found = pipeline::nearest(index, asked, kNeighbours);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
    if (found.at(0).at(0).row != 0) std::puts("a row is not its own nearest");
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::size_t width = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 512;
  const auto values = std::make_shared<std::vector<float>>();
  values->reserve(rows * width);
  std::minstd_rand random(1);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<float> row(width);
    for (float& value : row)
      value = static_cast<float>(random()) / static_cast<float>(random.max()) - 0.5F;
    pipeline::normalise(row);
    values->insert(values->end(), row.begin(), row.end());
  }
  pipeline::EmbeddingIndex index;
  for (std::size_t i = 0; i < rows; ++i) index.ids.push_back(std::to_string(i));
  index.width = width;
  index.values = *values;
  index.owner = values;

  const double one = best_seconds(index, 1), sixteen = best_seconds(index, 16);
  std::printf(
      "nearest %zu of %zu x %zu, %d threads: %.3f s a query (%.1f GB/s), 16 together %.3f s\n",
      kNeighbours, rows, width, thread_count(), one,
      static_cast<double>(rows * width * sizeof(float)) / one / 1e9, sixteen);
  return 0;
}
