#include "pipeline/picture_groups.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "learn/table.h"

namespace thorax::pipeline {
namespace {

/// Where the name is listed, whole or without leading folders; the end: nowhere.
auto listed_at(const std::map<std::string, std::string>& listed, const std::string& name) {
  for (std::size_t start = 0; start != std::string::npos;) {
    if (const auto found = listed.find(name.substr(start)); found != listed.end()) return found;
    start = name.find('/', start);
    if (start != std::string::npos) ++start;
  }
  return listed.end();
}

}  // namespace

std::vector<std::string> picture_groups(const std::filesystem::path& table,
                                        const std::vector<std::string>& names) {
  std::map<std::string, std::string> listed;
  for (const auto& row : learn::read_table(table, {"path", "group"}))
    listed[row.at("path")] = row.at("group");
  std::vector<std::string> groups;
  bool any = false;
  for (const std::string& name : names) {
    const auto found = listed_at(listed, name);
    any |= found != listed.end();
    groups.push_back(found == listed.end() ? "" : found->second);
  }
  if (!any)
    throw Error("bad_training_data"_code,
                {{"path", table.string()}, {"detail", "it lists none of the pictures"}});
  return groups;
}

}  // namespace thorax::pipeline
