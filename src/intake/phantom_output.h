// Where drawn files go: a folder or a zip archive, complete or not there at all.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace thorax::intake {

/// One finished file.
struct PhantomFile {
  std::string name;
  std::string bytes;
};
using PhantomSink = std::function<void(PhantomFile)>;

/// Collects files under a temporary name beside `path` and gives them the wanted name on commit();
/// destroying it before that leaves nothing behind. Archive members carry a fixed date, so that the
/// same files give the same archive. Throws Error("cannot_write"_code).
class PhantomOutput {
 public:
  /// A path that ends in ".zip" becomes an archive, else a folder. An existing file or non-empty
  /// folder is not overwritten.
  explicit PhantomOutput(std::filesystem::path path);
  ~PhantomOutput();
  PhantomOutput(const PhantomOutput&) = delete;
  PhantomOutput& operator=(const PhantomOutput&) = delete;

  void add(const PhantomFile& file);
  void commit();

 private:
  struct Archive;
  std::filesystem::path path_, temporary_;
  std::unique_ptr<Archive> archive_;
  bool done_ = false;
};

/// Writes one file whole or not at all. Throws Error("cannot_write"_code).
void write_phantom_file(const std::filesystem::path& path, const std::string& bytes);

}  // namespace thorax::intake
