// Files that appear whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace thorax {

/// A file that is written under a temporary name beside its place and takes its place with
/// commit(). Destroyed without commit, it leaves nothing behind.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path target);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  const std::filesystem::path& path() const { return temporary_; }  ///< where to write now
  void commit();  ///< throws Error("cannot_write"_code)

 private:
  std::filesystem::path target_, temporary_;
};

/// A whole file at once. Throws Error("cannot_write"_code).
void write_file(const std::filesystem::path& path, std::string_view content);
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> content);

/// A whole file at once. Throws Error("no_such_input"_code) where no file can be read.
std::string read_file(const std::filesystem::path& path);
/// The same, empty where no file can be read.
std::string read_file_if_there(const std::filesystem::path& path);

/// A folder that is filled under a temporary name beside its place and takes its place with
/// commit(), replacing what was there. Destroyed without commit, it leaves nothing behind.
class NewFolder {
 public:
  explicit NewFolder(std::filesystem::path target);
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder();

  const std::filesystem::path& path() const { return temporary_; }  ///< where to write now
  void commit();

 private:
  std::filesystem::path target_, temporary_;
};

}  // namespace thorax
