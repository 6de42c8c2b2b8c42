#include "intake/child_sniff.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "intake/dicom_scan.h"

namespace thorax::intake {
namespace {

bool has(std::span<const std::uint8_t> data, std::size_t at, std::string_view magic) {
  return data.size() >= at + magic.size() &&
         std::memcmp(data.data() + at, magic.data(), magic.size()) == 0;
}

bool ends_with(std::string_view name, std::string_view ending) {
  if (name.size() < ending.size()) return false;
  return std::equal(ending.rbegin(), ending.rend(), name.rbegin(), [](char a, char b) {
    return a == std::tolower(static_cast<unsigned char>(b));
  });
}

bool is_tar(std::span<const std::uint8_t> data) {
  return has(data, 257, "ustar");
}

/// NIfTI-1 single file (n+1) and NIfTI-2 (n+2, at another place): nifti1.h, nifti2.h.
bool is_nifti(std::span<const std::uint8_t> data) {
  return has(data, 344, "n+1") || has(data, 4, "n+2");
}

Content sniff_gzip(std::span<const std::uint8_t> head, std::string_view name) {
  std::array<std::uint8_t, 1024> plain{};
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return Content::other;
  stream.next_in = const_cast<Bytef*>(head.data());
  stream.avail_in = static_cast<uInt>(head.size());
  stream.next_out = plain.data();
  stream.avail_out = static_cast<uInt>(plain.size());
  inflate(&stream, Z_SYNC_FLUSH);
  const std::span<const std::uint8_t> seen(plain.data(), plain.size() - stream.avail_out);
  inflateEnd(&stream);
  if (is_nifti(seen)) return Content::nifti_gz;
  if (is_tar(seen) || ends_with(name, ".tgz") || ends_with(name, ".tar.gz")) return Content::tar_gz;
  return Content::other;
}

}  // namespace

Content sniff(std::span<const std::uint8_t> head, std::string_view name) {
  head = head.first(std::min(head.size(), kSniffBytes));
  if (has(head, 128, "DICM")) return Content::dicom;
  if (has(head, 0, "PK\x03\x04") || has(head, 0, "PK\x05\x06")) return Content::zip;
  if (has(head, 0, "\x1f\x8b")) return sniff_gzip(head, name);
  if (has(head, 0, "\xff\xd8\xff")) return Content::jpeg;
  if (has(head, 0, "\x89PNG\r\n\x1a\n")) return Content::png;
  if (is_tar(head)) return Content::tar;
  if (is_nifti(head)) return Content::nifti;
  if (looks_like_dicom(head)) return Content::dicom;
  if (ends_with(name, ".tar")) return Content::tar;
  return Content::other;
}

}  // namespace thorax::intake
