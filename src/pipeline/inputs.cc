#include "pipeline/inputs.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace thorax::pipeline {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool ends_with_any(const fs::path& path, std::initializer_list<const char*> ends) {
  const std::string name = lower(path.filename().string());
  return std::any_of(ends.begin(), ends.end(),
                     [&](const char* end) { return name.ends_with(end); });
}

/// DICOM files often have no name worth the name, so what is no known side file may be one.
bool is_side_file(const fs::path& path) {
  return path.filename().string().starts_with('.') ||
         ends_with_any(path, {".txt", ".csv", ".tsv", ".json", ".xml", ".md", ".pdf", ".xlsx",
                              ".html", ".log", ".ini", "thumbs.db"});
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  if (error) throw Error(Code::no_such_input, {{"path", folder.string()}});
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// The inputs of a batch folder; empty when the folder is one source.
std::vector<fs::path> batch_entries(const fs::path& folder) {
  std::vector<fs::path> inputs;
  bool whole_studies = false;
  for (const fs::path& entry : sorted_entries(folder)) {
    if (is_archive_name(entry) || is_nifti_name(entry)) {
      whole_studies = true;
      inputs.push_back(entry);
    } else if (fs::is_directory(entry)) {
      inputs.push_back(entry);
    } else if (!is_side_file(entry)) {
      return {};  // loose images: the folder itself is a study, whatever lies beside them
    }
  }
  return whole_studies ? inputs : std::vector<fs::path>();
}

/// File name without the ending of an archive, volume or image; letters of any script, digits and
/// -_. stay, the rest becomes '_'.
std::string safe_name(const fs::path& path) {
  std::string name = fs::absolute(path).lexically_normal().filename().string();
  if (name.empty()) name = fs::absolute(path).lexically_normal().parent_path().filename().string();
  for (const char* end :
       {".zip", ".tar", ".tar.gz", ".tgz", ".nii", ".nii.gz", ".dcm", ".jpg", ".jpeg", ".png"})
    if (lower(name).ends_with(end) && name.size() > std::string_view(end).size()) {
      name.resize(name.size() - std::string_view(end).size());
      break;
    }
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && !std::isalnum(byte) && c != '-' && c != '_' && c != '.') c = '_';
  }
  if (name.empty() || name.starts_with('.')) name.insert(0, "study");
  return name;
}

}  // namespace

bool is_archive_name(const fs::path& path) {
  return ends_with_any(path, {".zip", ".tar", ".tar.gz", ".tgz"});
}

bool is_nifti_name(const fs::path& path) {
  return ends_with_any(path, {".nii", ".nii.gz"});
}

std::vector<Input> expand_inputs(const std::vector<fs::path>& paths) {
  std::vector<Input> inputs;
  std::set<std::string> names;
  const auto add = [&](const fs::path& path) {
    const std::string wanted = safe_name(path);
    std::string name = wanted;
    // Two inputs of one name must not overwrite each other's report.
    for (int n = 2; !names.insert(lower(name)).second; ++n) name = wanted + "-" + std::to_string(n);
    inputs.push_back({path, path.string(), name});
  };
  for (const fs::path& path : paths) {
    const std::vector<fs::path> entries =
        fs::is_directory(path) ? batch_entries(path) : std::vector<fs::path>();
    if (entries.empty()) add(path);
    for (const fs::path& entry : entries) add(entry);
  }
  return inputs;
}

}  // namespace thorax::pipeline
