#include "pipeline/inputs.h"

#include <algorithm>
#include <array>
#include <fstream>
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

bool is_picture_name(const fs::path& path) {
  return ends_with_any(path, {".jpg", ".jpeg", ".png"});
}

/// Nothing a scanner writes: text, or a file of another program. DICOM files often have no name
/// worth the name, so a file that could be one by its first bytes stays (a DICOM file without
/// preamble begins with a group number, which holds a zero byte).
bool is_side_file(const fs::path& path) {
  if (path.filename().string().starts_with('.') || !fs::is_regular_file(path)) return true;
  if (ends_with_any(path, {".dcm", ".dicom", ".ima"})) return false;
  constexpr std::size_t kPreamble = 128;
  std::array<char, 512> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  const std::string_view read(head.data(), static_cast<std::size_t>(file.gcount()));
  if (read.size() > kPreamble && read.substr(kPreamble).starts_with("DICM")) return false;
  const std::string ending = path.extension().string();
  const bool other_program =
      ending.size() > 1 && std::all_of(ending.begin() + 1, ending.end(),
                                       [](unsigned char c) { return std::isalpha(c) != 0; });
  return other_program || read.find('\0') == std::string_view::npos;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  if (error) throw Error("no_such_input"_code, {{"path", folder.string()}});
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// The inputs of a batch folder; empty when the folder is one source.
std::vector<fs::path> batch_entries(const fs::path& folder) {
  std::vector<fs::path> inputs;
  bool whole_studies = false, pictures = false, folders = false;
  for (const fs::path& entry : sorted_entries(folder)) {
    const bool is_folder = fs::is_directory(entry);
    const bool is_whole = !is_folder && (is_archive_name(entry) || is_nifti_name(entry));
    const bool is_picture = !is_folder && is_picture_name(entry);
    if (is_folder || is_whole || is_picture)
      inputs.push_back(entry);
    else if (!is_side_file(entry))
      return {};  // loose images: the folder itself is a study, whatever lies beside them
    whole_studies |= is_whole;
    pictures |= is_picture;
    folders |= is_folder;
  }
  // Pictures beside folders of DICOM files are mostly previews: reading all as one source tells.
  return whole_studies || (pictures && !folders) ? inputs : std::vector<fs::path>();
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
