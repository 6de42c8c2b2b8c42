#include "tune/searcher.h"

#include "engine/plugin_library.h"

namespace thorax::tune {

std::unique_ptr<Searcher> make_searcher(const std::vector<Dimension>& space, std::uint64_t seed) {
  static const SearchLibrary& library =
      engine::load_plugin<SearchLibrary>("libthorax_search.so", kSearchSymbol);
  return library.make(space, seed);
}

}  // namespace thorax::tune
