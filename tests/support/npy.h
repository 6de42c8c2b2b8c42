// NumPy's array files, as far as the goldens need them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace thorax::golden {

struct Array {
  std::vector<std::int64_t> shape;
  std::vector<double> values;  ///< row-major; every stored type (fp32, int32 …) is exact in double
};

/// Reads a .npy of version 1 (numpy.lib.format) with little-endian f4, f8, i2, i4, i8, u1 or b1 in
/// C order; throws std::runtime_error, the path in it, for anything else.
Array read_npy(const std::filesystem::path& path);

}  // namespace thorax::golden
