#include "base/zip.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"

namespace thorax {
namespace {

constexpr std::int64_t kFirstOf1980 = 315'532'800;  // the earliest a zip knows

}  // namespace

void ZipWriter::Closer::operator()(archive* zip) const {
  archive_write_free(zip);
}

ZipWriter::ZipWriter(int descriptor) : archive_(archive_write_new()) {
  check(archive_write_set_format_zip(archive_.get()));
  // Pixels that are not compressed yet shrink to a half at the least effort, and little more at
  // any.
  check(archive_write_set_options(archive_.get(), "zip:compression-level=1"));
  check(archive_write_open_fd(archive_.get(), descriptor));
}

void ZipWriter::check(int status) {
  if (status < ARCHIVE_WARN) {
    const char* detail = archive_error_string(archive_.get());
    throw Error("cannot_write"_code, {{"path", "zip"}, {"detail", detail ? detail : "unknown"}});
  }
}

void ZipWriter::add(const std::string& name, std::string_view content) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), kFirstOf1980, 0);
  archive_entry_set_size(entry.get(), static_cast<std::int64_t>(content.size()));
  check(archive_write_header(archive_.get(), entry.get()));
  if (archive_write_data(archive_.get(), content.data(), content.size()) !=
      static_cast<la_ssize_t>(content.size()))
    check(ARCHIVE_FATAL);
}

void ZipWriter::finish() {
  check(archive_write_close(archive_.get()));
}

}  // namespace thorax
