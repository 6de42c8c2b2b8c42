#include "pipeline/picture_groups.h"

#include <map>

#include "base/error.h"
#include "learn/table.h"
#include "pipeline/listed_path.h"

namespace thorax::pipeline {

std::vector<std::string> picture_groups(const std::filesystem::path& table,
                                        const std::vector<std::string>& names) {
  std::map<std::string, std::string> listed;
  for (const auto& row : learn::read_table(table, {"path", "group"}))
    listed[row.at("path")] = row.at("group");
  std::vector<std::string> groups;
  bool any = false;
  for (const std::string& name : names) {
    const auto found = find_listed(listed, name);
    any |= found != listed.end();
    groups.push_back(found == listed.end() ? "" : found->second);
  }
  if (!any)
    throw Error("bad_training_data"_code,
                {{"path", table.string()}, {"detail", "it lists none of the pictures"}});
  return groups;
}

}  // namespace thorax::pipeline
