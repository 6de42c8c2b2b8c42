#include "base/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "base/error.h"

namespace thorax {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& path, const std::string& detail) {
  throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", detail}});
}

std::optional<std::string> content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || fs::is_directory(path)) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

fs::path beside(const fs::path& path, const char* what) {
  fs::path normal = path.lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();  // "folder/"
  std::string name(".");
  name.append(normal.filename().string()).append(".").append(what).append("-");
  return normal.parent_path() / name.append(std::to_string(::getpid()));
}

}  // namespace

NewFile::NewFile(fs::path target)
    : target_(std::move(target)), temporary_(beside(target_, "part")) {}

NewFile::~NewFile() {
  std::error_code error;
  fs::remove(temporary_, error);
}

void NewFile::commit() {
  std::error_code error;
  fs::rename(temporary_, target_, error);
  if (error) fail(target_, error.message());
}

void write_file(const fs::path& path, std::string_view content) {
  NewFile target(path);
  errno = 0;
  std::ofstream file(target.path(), std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) fail(path, std::strerror(errno));
  target.commit();
}

void write_file(const fs::path& path, std::span<const std::uint8_t> content) {
  write_file(path, std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
}

std::string read_file(const fs::path& path) {
  auto content = content_of(path);
  if (!content) throw Error("no_such_input"_code, {{"path", path.string()}});
  return *std::move(content);
}

std::string read_file_if_there(const fs::path& path) {
  return content_of(path).value_or("");
}

NewFolder::NewFolder(fs::path target)
    : target_(std::move(target)), temporary_(beside(target_, "part")) {
  std::error_code error;
  fs::remove_all(temporary_, error);
  fs::create_directories(temporary_, error);
  if (error) fail(target_, error.message());
}

NewFolder::~NewFolder() {
  std::error_code error;
  fs::remove_all(temporary_, error);
}

void NewFolder::commit() {
  const fs::path old = beside(target_, "old");
  std::error_code error;
  fs::remove_all(old, error);
  const bool replaces = fs::exists(target_);
  if (replaces) fs::rename(target_, old, error);
  if (error) fail(target_, error.message());
  fs::rename(temporary_, target_, error);
  if (error) {
    const std::string detail = error.message();
    if (replaces) fs::rename(old, target_, error);
    fail(target_, detail);
  }
  fs::remove_all(old, error);
}

}  // namespace thorax
