// dlib behind the search's interface. In a library of its own: dlib brings a BLAS along, which
// would otherwise start with every run of the program, and before OpenMP's threads are told not to
// spin.
#include <dlib/global_optimization/global_function_search.h>

#include <optional>
#include <string_view>

#include "base/version.h"
#include "tune/searcher.h"

namespace thorax::search {
namespace {

using tune::Dimension;
using tune::Point;

class GlobalSearch final : public tune::Searcher {
 public:
  /// A dimension of one value is none for the search.
  GlobalSearch(const std::vector<Dimension>& space, std::uint64_t seed) : base_(space.size()) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      base_[i] = space[i].lowest();
      if (space[i].lowest() < space[i].highest()) free_.push_back(i);
    }
    const auto count = static_cast<long>(free_.size());
    if (count == 0) return;
    dlib::matrix<double, 0, 1> low(count), high(count);
    std::vector<bool> whole;
    for (long i = 0; i < count; ++i) {
      const Dimension& dimension = space[free_[static_cast<std::size_t>(i)]];
      low(i) = dimension.lowest();
      high(i) = dimension.highest();
      whole.push_back(dimension.whole());
    }
    search_.emplace(dlib::function_spec(low, high, whole));
    search_->set_seed(static_cast<time_t>(seed));
  }

  Point next() override {
    Point point = base_;
    if (!search_) return point;
    asked_.emplace(search_->get_next_x());
    for (std::size_t i = 0; i < free_.size(); ++i)
      point[free_[i]] = asked_->x()(static_cast<long>(i));
    return point;
  }

  void tell(double score) override {
    if (asked_) asked_->set(score);
  }

 private:
  Point base_;                     ///< what the fixed coordinates are
  std::vector<std::size_t> free_;  ///< places of the others
  std::optional<dlib::global_function_search> search_;
  std::optional<dlib::function_evaluation_request> asked_;
};

class Library final : public tune::SearchLibrary {
 public:
  std::unique_ptr<tune::Searcher> make(const std::vector<Dimension>& space,
                                       std::uint64_t seed) const override {
    return std::make_unique<GlobalSearch>(space, seed);
  }
};

}  // namespace
}  // namespace thorax::search

extern "C" __attribute__((visibility("default"))) const void* thorax_search(const char* version) {
  static const thorax::search::Library library;
  const thorax::tune::SearchLibrary* interface = &library;
  return std::string_view(version) == thorax::kVersion ? interface : nullptr;
}
