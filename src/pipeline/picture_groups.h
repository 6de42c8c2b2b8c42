// Which group a picture is of, by its path: the machine that made it, the clinic, the year.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace thorax::pipeline {

/// `table`: CSV with the columns path and group. One group a name; a path of the table may leave
/// leading folders of the name out, and a picture that it does not list has the group "". Throws
/// Error: bad_training_data when it lists none of them, and what learn::read_table throws.
std::vector<std::string> picture_groups(const std::filesystem::path& table,
                                        const std::vector<std::string>& names);

}  // namespace thorax::pipeline
