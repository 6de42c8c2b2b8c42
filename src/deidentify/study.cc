#include "deidentify/study.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/zip.h"
#include "intake/archive.h"
#include "intake/sandbox.h"
#include "intake/walk.h"

namespace thorax::deidentify {
namespace {

namespace fs = std::filesystem;
using intake::ArchiveReader;
using intake::Bytes;
using intake::Content;
using nlohmann::json;

/// A descriptor that is closed.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return number_; }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

/// Everything that happens in the child.
class Reader {
 public:
  Reader(int zip, std::string key, Dates dates, const intake::Limits& limits, std::string source)
      : zip_(zip),
        pseudonyms_(std::move(key)),
        dates_(dates),
        limits_(limits),
        budget_(limits, std::move(source)) {}

  Exported read(const std::string& path) {
    const intake::Walk walk = intake::walk(path, budget_);
    counts_.others += static_cast<int>(walk.set_aside.size());
    for (const intake::WalkedFile& file : walk.files) read_file(file);
    zip_.finish();
    return counts_;
  }

 private:
  void read_file(const intake::WalkedFile& file) {
    const Bytes head = intake::map_file(file.file, file.shown, intake::kSniffBytes);
    const Content kind = intake::sniff(head.span(), file.shown);
    if (intake::is_archive(kind)) {
      ArchiveReader reader(file.file, file.size, kind, file.shown, budget_);
      read_archive(reader, file.shown, 1);
    } else if (kind == Content::dicom) {
      put(intake::map_whole_file(file.file, file.shown, limits_.max_entry_bytes));
    } else {
      ++counts_.others;
    }
  }

  void read_archive(ArchiveReader& reader, const std::string& shown, int depth) {
    while (const std::optional<intake::Member> member = reader.next()) {
      const Content kind =
          member->refused ? Content::other : intake::sniff(reader.head(), member->name);
      if (kind == Content::dicom) {
        put(reader.read());
      } else if (intake::is_archive(kind) && depth < limits_.max_archive_depth) {
        const std::string name = shown + '/' + member->name;
        ArchiveReader inner(reader.read(), kind, name, budget_);
        read_archive(inner, name, depth + 1);
      } else {
        ++counts_.others;
      }
    }
  }

  void put(const Bytes& bytes) {
    const Cleaned cleaned = clean(bytes.span(), pseudonyms_, dates_);
    if (cleaned.left_out) {
      (*cleaned.left_out == Cleaned::Why::unreadable  ? counts_.unreadable
       : *cleaned.left_out == Cleaned::Why::no_pixels ? counts_.no_pixels
                                                      : counts_.burned_in)++;
      return;
    }
    ++counts_.images;
    const std::string study =
        cleaned.patient + "/study-" + numbered(studies_, cleaned.patient, cleaned.study_uid);
    const std::string series = study + "/series-" + numbered(series_, study, cleaned.series_uid);
    std::string number = std::to_string(++files_[series]);
    number.insert(0, 6 - std::min<std::size_t>(6, number.size()), '0');
    zip_.add(series + '/' + number + ".dcm", cleaned.file);
  }

  /// Numbers in the order of coming, for each `within` anew.
  static std::string numbered(std::map<std::string, std::map<std::string, int>>& known,
                              const std::string& within, const std::string& what) {
    std::map<std::string, int>& ones = known[within];
    return std::to_string(ones.try_emplace(what, static_cast<int>(ones.size()) + 1).first->second);
  }

  ZipWriter zip_;
  const Pseudonyms pseudonyms_;
  const Dates dates_;
  const intake::Limits limits_;
  intake::Budget budget_;
  Exported counts_;
  std::map<std::string, std::map<std::string, int>> studies_, series_;
  std::map<std::string, int> files_;
};

void write_all(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = write(descriptor, text.data() + at, text.size() - at);
    if (count < 0 && errno != EINTR) return;
    at += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
}

[[noreturn]] void work(const fs::path& input, int zip, int words, const std::string& key,
                       Dates dates, const intake::Limits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  json said;
  try {
    intake::enter_sandbox(limits, input.string());
    const Exported done =
        Reader(zip, key, dates, limits, input.filename().string()).read(input.string());
    said = {{"images", done.images},
            {"unreadable", done.unreadable},
            {"no_pixels", done.no_pixels},
            {"burned_in", done.burned_in},
            {"others", done.others}};
  } catch (const Error& error) {
    said = {{"code", error.notice().id()}, {"arguments", error.notice().args}};
  } catch (const std::bad_alloc& error) {
    said = {{"code", "DECODER_OUT_OF_MEMORY"},
            {"arguments", {{"limit", std::to_string(limits.child_memory_bytes)}}}};
  }
  write_all(words, said.dump(-1, ' ', false, json::error_handler_t::replace));
  _exit(EXIT_SUCCESS);
}

/// Reads to the end, and hands over what comes.
template <class Take>
void drain(int descriptor, Take&& take) {
  std::vector<char> buffer(1 << 18);
  for (;;) {
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    take(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
  }
}

[[noreturn]] void cannot_write(const fs::path& path, int number) {
  throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", std::strerror(number)}});
}

Exported understood(const std::string& words, int status, const fs::path& input) {
  const json said = json::parse(words, nullptr, false);
  const std::string name = input.filename().string();
  if (!said.is_object() || !WIFEXITED(status)) {
    const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                                : "status " + std::to_string(status);
    throw Error("decoder_died"_code, {{"path", name}, {"detail", how}});
  }
  if (said.contains("code")) {
    Notice notice{parse_code(said.at("code").get<std::string>()),
                  said.at("arguments").get<std::map<std::string, std::string>>()};
    notice.args.try_emplace("path", name);
    throw Error(notice);
  }
  const Exported done{said.at("images"), said.at("unreadable"), said.at("no_pixels"),
                      said.at("burned_in"), said.at("others")};
  if (done.images == 0) {
    const int found = done.unreadable + done.no_pixels + done.burned_in + done.others;
    throw Error("nothing_to_read"_code, {{"path", name}, {"found", std::to_string(found)}});
  }
  return done;
}

}  // namespace

Exported export_study(const fs::path& input, const fs::path& zip, const std::string& key,
                      Dates dates, const intake::Limits& limits) {
  if (!fs::exists(input)) throw Error("no_such_input"_code, {{"path", input.string()}});
  register_dictionary();
  NewFile target(zip);
  const Descriptor out(open(target.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (out.get() < 0) cannot_write(zip, errno);
  int zip_ends[2], word_ends[2];
  if (pipe2(zip_ends, O_CLOEXEC) != 0) cannot_write(zip, errno);
  const Descriptor zip_from(zip_ends[0]);
  Descriptor zip_to(zip_ends[1]);
  if (pipe2(word_ends, O_CLOEXEC) != 0) cannot_write(zip, errno);
  const Descriptor words_from(word_ends[0]);
  Descriptor words_to(word_ends[1]);

  const pid_t child = fork();
  if (child < 0) throw Error("decoder_not_started"_code, {{"detail", std::strerror(errno)}});
  if (child == 0) work(fs::canonical(input), zip_to.get(), words_to.get(), key, dates, limits);
  zip_to.reset();
  words_to.reset();
  int failure = 0;
  drain(zip_from.get(), [&](std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size() && failure == 0;) {
      const ssize_t count = write(out.get(), bytes.data() + at, bytes.size() - at);
      if (count < 0 && errno != EINTR) failure = errno;
      at += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }
  });
  std::string words;
  drain(words_from.get(), [&](std::string_view bytes) { words += bytes; });
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  const Exported done = understood(words, status, input);
  if (failure != 0) cannot_write(zip, failure);
  target.commit();
  return done;
}

}  // namespace thorax::deidentify
