#include "nets/shapes.h"

#include <algorithm>
#include <cmath>

namespace thorax::nets {

Shape shape_of(const Shapes& shapes, const std::string& key, std::size_t rank) {
  const auto found = shapes.find(key);
  return found == shapes.end() || found->second.size() != rank ? Shape{} : found->second;
}

std::int64_t count_layers(const Shapes& shapes, const std::string& prefix,
                          const std::string& suffix) {
  std::int64_t count = 0;
  while (shapes.contains(prefix + std::to_string(count) + suffix)) ++count;
  return count;
}

std::int64_t square_side(std::int64_t cells) {
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(cells))));
  return side > 0 && side * side == cells ? side : 0;
}

std::int64_t usual_heads(std::int64_t width) {
  constexpr std::int64_t kHeadSize = 64;
  return std::max<std::int64_t>(1, width / kHeadSize);
}

}  // namespace thorax::nets
