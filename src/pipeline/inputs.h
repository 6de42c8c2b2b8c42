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

/// A folder that holds archives or NIfTI volumes is a batch: each of those, each sub-folder and
/// each JPEG or PNG beside them is an input, in the order of their names; a folder of nothing but
/// pictures is one too. Lists, notes and other programs' files are no inputs. A folder that holds
/// what may be DICOM files itself is one input, and so is every other path. A path that does not
/// exist stays: opening it says so.
std::vector<Input> expand_inputs(const std::vector<std::filesystem::path>& paths);

/// By its name: .zip .tar .tar.gz .tgz (any case).
bool is_archive_name(const std::filesystem::path& path);
/// By its name: .nii .nii.gz (any case).
bool is_nifti_name(const std::filesystem::path& path);

}  // namespace thorax::pipeline
