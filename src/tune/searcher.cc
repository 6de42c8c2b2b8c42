#include "tune/searcher.h"

#include <dlib/global_optimization/global_function_search.h>

#include <optional>

namespace thorax::tune {

struct Searcher::State {
  /// A dimension of one value is none for the search.
  explicit State(const std::vector<Dimension>& space) : base(space.size()) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      base[i] = space[i].lowest();
      if (space[i].lowest() < space[i].highest()) free.push_back(i);
    }
  }

  Point base;                     ///< what the fixed coordinates are
  std::vector<std::size_t> free;  ///< places of the others
  std::optional<dlib::global_function_search> search;
  std::optional<dlib::function_evaluation_request> asked;
};

Searcher::Searcher(const std::vector<Dimension>& space, std::uint64_t seed)
    : state_(std::make_unique<State>(space)) {
  const auto count = static_cast<long>(state_->free.size());
  if (count == 0) return;
  dlib::matrix<double, 0, 1> low(count), high(count);
  std::vector<bool> whole;
  for (long i = 0; i < count; ++i) {
    const Dimension& dimension = space[state_->free[static_cast<std::size_t>(i)]];
    low(i) = dimension.lowest();
    high(i) = dimension.highest();
    whole.push_back(dimension.whole());
  }
  state_->search.emplace(dlib::function_spec(low, high, whole));
  state_->search->set_seed(static_cast<time_t>(seed));
}

Searcher::~Searcher() = default;

Point Searcher::next() {
  Point point = state_->base;
  if (!state_->search) return point;
  state_->asked.emplace(state_->search->get_next_x());
  for (std::size_t i = 0; i < state_->free.size(); ++i)
    point[state_->free[i]] = state_->asked->x()(static_cast<long>(i));
  return point;
}

void Searcher::tell(double score) {
  if (state_->asked) state_->asked->set(score);
}

}  // namespace thorax::tune
