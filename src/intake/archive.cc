#include "intake/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>

#include "base/error.h"
#include "intake/child_text.h"

namespace thorax::intake {
namespace {

constexpr std::size_t kBlock = 256 << 10;

/// "a/./b//c" and "a\b" as "a/b/c"; Windows packers write backslashes.
std::string normalised(std::string name) {
  std::replace(name.begin(), name.end(), '\\', '/');
  std::string out;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    if (!part.empty() && part != ".") out += (out.empty() ? "" : "/") + part;
    begin = end + 1;
  }
  return out;
}

bool is_absolute(const std::string& name) {
  return !name.empty() && (name[0] == '/' || name[0] == '\\' ||
                           (name.size() > 1 && name[1] == ':' && std::isalpha(name[0]) != 0));
}

bool climbs(const std::string& normal) {
  return normal == ".." || normal.starts_with("../") || normal.ends_with("/..") ||
         normal.find("/../") != std::string::npos;
}

}  // namespace

void ArchiveReader::Closer::operator()(archive* a) const {
  archive_read_free(a);
}

ArchiveReader::ArchiveReader(std::uint64_t packed, Content kind, std::string shown, Budget& budget)
    : kind_(kind),
      packed_(packed),
      shown_(std::move(shown)),
      budget_(budget),
      expansion_(budget.limits(), shown_, packed),
      archive_(archive_read_new()) {
  archive* a = archive_.get();
  if (!a) throw std::bad_alloc();
  if (kind == Content::zip) {
    archive_read_support_format_zip(a);
  } else {
    archive_read_support_format_tar(a);
    if (kind == Content::tar_gz) archive_read_support_filter_gzip(a);
  }
}

ArchiveReader::ArchiveReader(Bytes bytes, Content kind, std::string shown, Budget& budget)
    : ArchiveReader(bytes.size(), kind, std::move(shown), budget) {
  bytes_ = std::move(bytes);
  if (archive_read_open_memory(archive_.get(), bytes_.data(), bytes_.size()) != ARCHIVE_OK)
    broken();
}

ArchiveReader::ArchiveReader(const std::string& file, std::uint64_t size, Content kind,
                             std::string shown, Budget& budget)
    : ArchiveReader(size, kind, std::move(shown), budget) {
  if (archive_read_open_filename(archive_.get(), file.c_str(), kBlock) != ARCHIVE_OK) broken();
}

void ArchiveReader::broken() const {
  const char* detail = archive_error_string(archive_.get());
  throw Error("archive_broken"_code,
              {{"path", shown_}, {"detail", clean_utf8(detail ? detail : "unknown error")}});
}

std::optional<Notice> ArchiveReader::refusal(archive_entry* entry, const std::string& name) const {
  const char* raw = archive_entry_pathname(entry);
  const auto refuse = [&](const char* why) {
    return Notice{"member_refused"_code, {{"path", shown_ + "/" + name}, {"why", why}}};
  };
  if (!raw || name.empty()) return refuse("no name");
  if (is_absolute(raw)) return refuse("absolute name");
  if (climbs(name)) return refuse("\"..\" in its name");
  if (archive_entry_hardlink(entry) || archive_entry_symlink(entry)) return refuse("link");
  if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0)
    return refuse("not a plain file");
  return std::nullopt;
}

std::optional<Member> ArchiveReader::next() {
  while (true) {
    pass_by();
    const int status = archive_read_next_header(archive_.get(), &entry_);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status < ARCHIVE_WARN) broken();
    buffer_.release();
    ended_ = false;
    expansion_.start_entry();
    const char* raw = archive_entry_pathname(entry_);
    Member member;
    member.name = clean_utf8(normalised(raw ? raw : ""));
    budget_.add_entry(raw ? raw : "");
    if (archive_entry_filetype(entry_) == AE_IFDIR && !is_absolute(raw ? raw : "") &&
        !climbs(member.name))
      continue;
    if (archive_entry_is_encrypted(entry_))
      throw Error("archive_encrypted"_code, {{"path", shown_}});
    member.refused = refusal(entry_, member.name);
    return member;
  }
}

void ArchiveReader::count(std::size_t bytes) {
  budget_.add_bytes(bytes);
  expansion_.add(bytes);
}

/// A gzipped tar has to be unpacked even where it is not looked at: that counts as well.
void ArchiveReader::pass_by() {
  if (kind_ != Content::tar_gz || entry_ == nullptr || ended_) return;
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int status = ARCHIVE_OK;
  while ((status = archive_read_data_block(archive_.get(), &block, &size, &offset)) == ARCHIVE_OK)
    count(size);
  if (status != ARCHIVE_EOF) broken();
}

void ArchiveReader::read_some(std::size_t at_least) {
  while (!ended_ && buffer_.size() < at_least) {
    const std::span<std::uint8_t> room =
        buffer_.reserve(std::min(kBlock, at_least - buffer_.size()));
    const la_ssize_t got = archive_read_data(archive_.get(), room.data(), room.size());
    if (got < 0) broken();
    if (got == 0) ended_ = true;
    buffer_.commit(static_cast<std::size_t>(got));
    count(static_cast<std::size_t>(got));
  }
}

std::span<const std::uint8_t> ArchiveReader::head() {
  read_some(kSniffBytes);
  return {buffer_.data(), std::min(buffer_.size(), kSniffBytes)};
}

double ArchiveReader::fraction() const {
  const auto packed = static_cast<double>(std::max<std::uint64_t>(packed_, 1));
  return std::min(1.0, static_cast<double>(archive_filter_bytes(archive_.get(), -1)) / packed);
}

Bytes ArchiveReader::read() {
  // The declared size is only a hint: a liar must not make us reserve memory.
  if (archive_entry_size_is_set(entry_) != 0) {
    const auto declared =
        static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry_)));
    const std::uint64_t plausible = std::min<std::uint64_t>(declared, 16 * packed_);
    if (plausible > buffer_.size())
      buffer_.reserve(static_cast<std::size_t>(plausible) - buffer_.size() + 1);
  }
  while (!ended_) read_some(buffer_.size() + kBlock);
  return buffer_.release();
}

}  // namespace thorax::intake
