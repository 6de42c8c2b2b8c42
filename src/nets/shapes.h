// Reading a network's configuration off the shapes of its weights.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace thorax::nets {

using Shape = std::vector<std::int64_t>;
/// Keys and shapes of a checkpoint.
using Shapes = std::map<std::string, Shape>;

/// The shape of a key; empty when it is absent or of another rank.
Shape shape_of(const Shapes& shapes, const std::string& key, std::size_t rank);

/// How many layers there are: keys PREFIX0SUFFIX, PREFIX1SUFFIX …
std::int64_t count_layers(const Shapes& shapes, const std::string& prefix,
                          const std::string& suffix);

/// Side of a square of that many cells; 0 when it is none.
std::int64_t square_side(std::int64_t cells);

/// Heads of a transformer of that width: every published one has 64 values a head, which the shapes
/// of its weights do not tell.
std::int64_t usual_heads(std::int64_t width);

}  // namespace thorax::nets
