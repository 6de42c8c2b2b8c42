#include "datasets/lock.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"

namespace thorax::datasets {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;

/// Over paths, hashes and splits.
std::string hash_of(const Lock& lock) {
  Sha256 hash;
  for (const LockedFile& file : lock)
    hash.update(file.path + '\n' + file.sha256 + '\n' + file.split + '\n');
  return hash.hex();
}

[[noreturn]] void refuse(const fs::path& path, const std::string& detail) {
  throw Error("bad_lock"_code, {{"path", path.string()}, {"detail", detail}});
}

}  // namespace

Lock lock_folder(const fs::path& folder, const std::map<std::string, std::string>& splits,
                 const fs::path& except, const Progress& progress) {
  if (!fs::is_directory(folder)) throw Error("no_such_input"_code, {{"path", folder.string()}});
  Lock lock;
  std::uint64_t all = 1;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    std::error_code absent;  // `except` may not be there yet
    if (!entry.is_regular_file() || fs::equivalent(entry.path(), except, absent)) continue;
    lock.push_back(
        {fs::relative(entry.path(), folder).generic_string(), entry.file_size(), "", ""});
    all += lock.back().bytes;
  }
  std::ranges::sort(lock, {}, &LockedFile::path);
  std::uint64_t done = 0;
  std::size_t said = 0;
  for (LockedFile& file : lock) {
    progress.report("hash", static_cast<double>(done) / static_cast<double>(all));
    file.sha256 = sha256_file(folder / file.path);
    done += file.bytes;
    const auto split = splits.find(file.path);
    if (split == splits.end()) continue;
    file.split = split->second;
    ++said;
  }
  if (said == splits.size()) return lock;
  for (const auto& [path, split] : splits)
    if (!std::ranges::binary_search(lock, path, {}, &LockedFile::path))
      refuse(folder, "there is no " + path);
  return lock;
}

void write_lock(const fs::path& path, const Lock& lock) {
  json files = json::array();
  for (const LockedFile& file : lock) {
    json one{{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
    if (!file.split.empty()) one["split"] = file.split;
    files.push_back(std::move(one));
  }
  write_file(path,
             json{{"format", kFormat}, {"sha256", hash_of(lock)}, {"files", files}}.dump(1) + '\n');
}

Lock read_lock(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw Error("no_such_input"_code, {{"path", path.string()}});
  try {
    const json read = json::parse(file);
    if (read.at("format") != kFormat) refuse(path, "format " + read.at("format").dump());
    Lock lock;
    for (const json& one : read.at("files"))
      lock.push_back({one.at("path"), one.at("bytes"), one.at("sha256"), one.value("split", "")});
    if (hash_of(lock) != read.at("sha256")) refuse(path, "sha256");
    return lock;
  } catch (const json::exception& broken) {
    refuse(path, broken.what());
  }
}

Differences compare(const Lock& locked, const Lock& found) {
  std::map<std::string, const LockedFile*> there;
  for (const LockedFile& file : found) there.emplace(file.path, &file);
  Differences differences;
  for (const LockedFile& file : locked) {
    const auto at = there.find(file.path);
    if (at == there.end()) {
      differences.missing.push_back(file.path);
      continue;
    }
    if (at->second->bytes != file.bytes || at->second->sha256 != file.sha256)
      differences.changed.push_back(file.path);
    there.erase(at);
  }
  for (const auto& [path, file] : there) differences.added.push_back(path);
  return differences;
}

}  // namespace thorax::datasets
