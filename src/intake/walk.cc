#include "intake/walk.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace thorax::intake {
namespace fs = std::filesystem;
namespace {

void list(const fs::path& folder, const std::string& prefix, Budget& budget, Walk& out) {
  std::error_code error;
  fs::directory_iterator it(folder, error);
  if (error) {
    out.set_aside.push_back(
        {prefix, {"file_unreadable"_code, {{"path", prefix}, {"detail", error.message()}}}});
    return;
  }
  for (; it != fs::directory_iterator(); it.increment(error)) {
    const fs::directory_entry& entry = *it;
    const std::string shown = prefix + entry.path().filename().string();
    budget.add_entry(shown);
    const fs::file_status status = entry.symlink_status(error);
    if (fs::is_symlink(status)) {
      out.set_aside.push_back({shown, {"link_not_followed"_code, {{"path", shown}}}});
    } else if (fs::is_directory(status)) {
      list(entry.path(), shown + "/", budget, out);
    } else if (fs::is_regular_file(status)) {
      const std::uintmax_t size = entry.file_size(error);
      out.files.push_back({entry.path().string(), shown, error ? 0 : size});
    } else {
      out.set_aside.push_back({shown, {"special_file"_code, {{"path", shown}}}});
    }
  }
}

}  // namespace

Walk walk(const std::string& path, Budget& budget) {
  Walk out;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) {
    list(path, "", budget, out);
  } else if (fs::is_regular_file(status)) {
    budget.add_entry(path);
    out.files.push_back({path, fs::path(path).filename().string(), fs::file_size(path, error)});
  } else {
    throw Error("no_such_input"_code, {{"path", path}});
  }
  std::sort(out.files.begin(), out.files.end(),
            [](const WalkedFile& a, const WalkedFile& b) { return a.shown < b.shown; });
  std::sort(out.set_aside.begin(), out.set_aside.end(),
            [](const SetAside& a, const SetAside& b) { return a.path < b.path; });
  return out;
}

}  // namespace thorax::intake
