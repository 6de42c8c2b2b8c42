#include "learn/listed.h"

#include <algorithm>

namespace thorax::learn {

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = text.find_first_not_of(' ', begin);
    const std::size_t last = text.find_last_not_of(' ', end - 1);
    if (first < end) names.push_back(text.substr(first, last - first + 1));
    begin = end + 1;
  }
  return names;
}

}  // namespace thorax::learn
