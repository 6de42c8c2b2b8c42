// Which point to try next.
#pragma once

#include <memory>

#include "tune/space.h"

namespace thorax::tune {

/// Gives points, and is told how good they were.
class Searcher {
 public:
  virtual ~Searcher() = default;

  virtual Point next() = 0;
  /// The score of the point that next() gave last; higher is better.
  virtual void tell(double score) = 0;
};

/// What the shared library libthorax_search.so gives.
class SearchLibrary {
 public:
  virtual ~SearchLibrary() = default;

  /// dlib's global search: upper bounds of a Lipschitz function (Malherbe and Vayatis, "Global
  /// optimization of Lipschitz functions", ICML 2017) in turn with trust-region steps on a
  /// quadratic model (Powell's), which needs no gradient and no settings. The same seed and scores
  /// give the same points.
  virtual std::unique_ptr<Searcher> make(const std::vector<Dimension>& space,
                                         std::uint64_t seed) const = 0;
};

/// A searcher of that library, which is loaded on the first call. Throws Error("no_engine"_code).
std::unique_ptr<Searcher> make_searcher(const std::vector<Dimension>& space, std::uint64_t seed);

/// The library's one symbol: `const void* thorax_search(const char* version)`; null when the
/// versions differ.
inline constexpr const char* kSearchSymbol = "thorax_search";

}  // namespace thorax::tune
