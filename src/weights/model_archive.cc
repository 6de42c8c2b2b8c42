#include "weights/model_archive.h"

#include <zip.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include "base/error.h"

namespace thorax::weights {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 64;
constexpr std::size_t kPiece = 1 << 20;

using Zip = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Entry = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

[[noreturn]] void refuse(const fs::path& zip, const std::string& detail) {
  throw Error("bad_weights"_code, {{"path", zip.filename().string()}, {"detail", detail}});
}

bool is_left_out(const fs::path& entry) {
  return std::any_of(entry.begin(), entry.end(), [](const fs::path& part) {
    return part == "__MACOSX" || (part.string().starts_with('.') && part != "." && part != "..");
  });
}

/// Returns how many bytes it had.
std::uint64_t unpack_entry(const fs::path& zip, zip_t& archive, zip_uint64_t index,
                           const fs::path& target, std::uint64_t left) {
  const Entry entry(zip_fopen_index(&archive, index, 0), zip_fclose);
  if (!entry) refuse(zip, target.filename().string() + " cannot be read");
  std::ofstream stream(target, std::ios::binary);
  std::string piece(kPiece, '\0');
  std::uint64_t bytes = 0;
  for (;;) {
    // What the zip says of its sizes is not believed.
    const zip_int64_t got = zip_fread(entry.get(), piece.data(), piece.size());
    if (got < 0) refuse(zip, target.filename().string() + " is damaged");
    if (got == 0) break;
    bytes += static_cast<std::uint64_t>(got);
    if (bytes > left) refuse(zip, "it holds more than " + std::to_string(left) + " bytes");
    stream.write(piece.data(), static_cast<std::streamsize>(got));
  }
  if (!stream.flush())
    throw Error("cannot_write"_code, {{"path", target.string()}, {"detail", "disk"}});
  return bytes;
}

}  // namespace

std::vector<fs::path> unpack_model(const fs::path& zip, const fs::path& folder,
                                   std::uint64_t max_bytes) {
  int problem = 0;
  const Zip archive(zip_open(zip.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &problem), zip_discard);
  if (!archive) refuse(zip, "no zip, or a damaged one");
  std::set<fs::path> folders;
  std::vector<fs::path> files;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
    const fs::path entry = name ? name : "";
    if (entry.empty() || !entry.has_filename() || is_left_out(entry)) continue;
    folders.insert(entry.parent_path());
    if (folders.size() > 1) refuse(zip, "files in several folders");
    if (files.size() == kMostFiles) refuse(zip, "more than 64 files");
    // A plain name, wherever the entry says it wants to be.
    const fs::path target = folder / entry.filename();
    if (std::find(files.begin(), files.end(), target) != files.end())
      refuse(zip, entry.filename().string() + " twice");
    max_bytes -= unpack_entry(zip, *archive, static_cast<zip_uint64_t>(i), target, max_bytes);
    files.push_back(target);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace thorax::weights
