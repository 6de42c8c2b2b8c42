// From what the user named to the sources to open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace thorax::pipeline {

struct Input {
  std::filesystem::path path;  ///< of the source
  std::string shown;           ///< as the user would name it; in reports and tables
  std::string name;            ///< unique among the inputs, safe as a folder name
};

/// A folder whose direct entries are archives or NIfTI volumes is a batch: each of those, and each
/// of its sub-folders, is an input, in the order of their names; other files (lists, notes) are
/// not. Every other path is one input. A path that does not exist stays: opening it says so.
std::vector<Input> expand_inputs(const std::vector<std::filesystem::path>& paths);

/// By its name: .zip .tar .tar.gz .tgz (any case).
bool is_archive_name(const std::filesystem::path& path);
/// By its name: .nii .nii.gz (any case).
bool is_nifti_name(const std::filesystem::path& path);

}  // namespace thorax::pipeline
