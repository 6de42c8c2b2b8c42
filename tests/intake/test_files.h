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

#include "support/temporary_folder.h"

namespace thorax::intake {

using TestFolder = testing_support::TemporaryFolder;

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
