// Tables that name pictures by their path.
#pragma once

#include <map>
#include <string>

namespace thorax::pipeline {

/// Where a path of an entry, folders of archives included, is listed: whole or without leading
/// folders, which a table may leave out. The end: nowhere.
template <class Value>
auto find_listed(const std::map<std::string, Value>& listed, const std::string& path) {
  for (std::size_t start = 0;; ++start) {
    if (const auto found = listed.find(path.substr(start)); found != listed.end()) return found;
    start = path.find('/', start);
    if (start == std::string::npos) return listed.end();
  }
}

}  // namespace thorax::pipeline
