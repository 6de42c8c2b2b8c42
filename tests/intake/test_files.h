// Files and archives for tests, in a folder that goes with the test.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thorax::intake {

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "thorax-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

 private:
  std::filesystem::path path_;
};

struct Packed {
  std::string name, bytes;
  unsigned type = AE_IFREG;
  std::string link{};
};

enum class Packer { zip, tar, tar_gz };

/// An archive with these members, as bytes.
inline std::string pack(Packer packer, const std::vector<Packed>& members,
                        const char* options = nullptr) {
  std::vector<char> out((1 << 20) + 3 * [&] {
    std::size_t sum = 0;
    for (const Packed& m : members) sum += m.bytes.size() + m.name.size() + 1024;
    return sum;
  }());
  std::size_t used = 0;
  archive* a = archive_write_new();
  if (packer == Packer::zip) {
    archive_write_set_format_zip(a);
  } else {
    archive_write_set_format_pax_restricted(a);
    if (packer == Packer::tar_gz) archive_write_add_filter_gzip(a);
  }
  if (options) {
    archive_write_set_options(a, options);
    archive_write_set_passphrase(a, "secret");
  }
  archive_write_open_memory(a, out.data(), out.size(), &used);
  for (const Packed& m : members) {
    archive_entry* e = archive_entry_new();
    archive_entry_set_pathname(e, m.name.c_str());
    archive_entry_set_filetype(e, m.type);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, static_cast<la_int64_t>(m.bytes.size()));
    if (m.type == AE_IFLNK) archive_entry_set_symlink(e, m.link.c_str());
    if (m.type == AE_IFREG && !m.link.empty()) archive_entry_set_hardlink(e, m.link.c_str());
    archive_write_header(a, e);
    archive_write_data(a, m.bytes.data(), m.bytes.size());
    archive_entry_free(e);
  }
  archive_write_close(a);
  archive_write_free(a);
  return {out.data(), used};
}

}  // namespace thorax::intake
