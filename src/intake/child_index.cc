#include "intake/child_index.h"

#include <algorithm>
#include <new>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "intake/archive.h"
#include "intake/child_named.h"
#include "intake/child_probe.h"
#include "intake/dicom_header.h"
#include "intake/nifti.h"
#include "intake/picture.h"
#include "intake/walk.h"

namespace thorax::intake {
namespace {

/// Limits of the source as a whole: no part of it may go on.
bool ends_everything(Code code) {
  return code == "input_too_large"_code || code == "too_many_entries"_code ||
         code == "name_too_long"_code;
}

/// Runs `work`; too little memory for it is the reason that comes back.
template <class Work>
std::optional<Notice> within_memory(const std::string& shown, const Limits& limits, Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const std::bad_alloc& error) {
    return Notice{"decoder_out_of_memory"_code,
                  {{"path", shown}, {"limit", std::to_string(limits.child_memory_bytes)}}};
  }
  return std::nullopt;
}

const Notice* given_up(const IndexPlan& plan, const EntryPlace& place) {
  const auto found = plan.given_up.find(place);
  return found == plan.given_up.end() ? nullptr : &found->second;
}

/// Adds the entries of archives to an index, keeping what fits into the spool.
class ArchiveIndexer {
 public:
  ArchiveIndexer(Budget& budget, const IndexPlan& plan, Journal& journal,
                 std::vector<IndexedEntry>& out, std::function<void(double)> progress)
      : budget_(budget),
        limits_(budget.limits()),
        plan_(plan),
        journal_(journal),
        left_(limits_.spool_bytes),
        out_(out),
        progress_(std::move(progress)) {}

  /// A bad archive in a folder costs its own entries only.
  void add_file(int number, const WalkedFile& file, Content kind) {
    place_ = {number, -1, -1};
    Journal::Note note(journal_, place_);
    bombs_ = 0;
    const std::size_t before = out_.size();
    try {
      ArchiveReader reader(file.file, file.size, kind, file.shown, budget_);
      read_all(reader, file.shown, {file.file, -1, -1, kind, Content::other, {}}, 1, note);
    } catch (const Error& error) {
      if (ends_everything(error.code())) throw;
      // Half an archive is half a study: nothing of it may be used.
      out_.resize(before);
      out_.push_back({{file.shown, file.size}, {}, kind, named_notice(error, file.shown)});
    }
  }

 private:
  static Notice named_notice(const Error& error, const std::string& shown) {
    Notice notice = error.notice();
    notice.args.try_emplace("path", shown);
    return notice;
  }

  void read_all(ArchiveReader& reader, const std::string& shown, Origin origin, int depth,
                Journal::Note& note) {
    int& number = depth == 1 ? origin.member : origin.nested;
    std::int32_t& noted = depth == 1 ? place_.member : place_.nested;
    while (std::optional<Member> member = reader.next()) {
      if (++number % 16 == 0 && depth == 1) progress_(reader.fraction());
      const std::string path = shown + "/" + member->name;
      noted = number;
      note.turn(place_);
      if (const Notice* reason = given_up(plan_, place_)) {
        out_.push_back({{path, 0}, {}, Content::other, named_notice(Error(*reason), path)});
        noted = -1;
        continue;
      }
      if (member->refused) {
        out_.push_back({{path, 0}, {}, Content::other, *member->refused});
        continue;
      }
      const Content kind = sniff(reader.head(), member->name);
      if (kind == Content::other) {
        out_.push_back({{path, 0}, {}, kind, Notice{"not_an_image"_code, {{"path", path}}}});
      } else if (is_archive(kind)) {
        add_nested(reader, path, origin, kind, depth, note);
      } else {
        add_member(reader, path, origin, kind);
      }
      noted = -1;
      note.turn(place_);
    }
  }

  void add_nested(ArchiveReader& outer, const std::string& path, Origin origin, Content kind,
                  int depth, Journal::Note& note) {
    if (depth >= limits_.max_archive_depth) {
      const std::string limit = std::to_string(limits_.max_archive_depth);
      out_.push_back({{path, 0},
                      {},
                      kind,
                      Notice{"archive_too_deep"_code, {{"path", path}, {"limit", limit}}}});
      return;
    }
    Bytes bytes;
    if (auto reason = within_memory(path, limits_, [&] { bytes = outer.read(); })) {
      out_.push_back({{path, 0}, {}, kind, *reason});
      return;
    }
    const std::size_t before = out_.size();
    try {
      ArchiveReader reader(bytes, kind, path, budget_);
      origin.inner = kind;
      read_all(reader, path, origin, depth + 1, note);
    } catch (const Error& error) {
      if (ends_everything(error.code())) throw;
      if (error.code() == "ratio_too_high"_code && ++bombs_ > kMostBombs) throw;
      out_.resize(before);
      out_.push_back({{path, bytes.size()}, {}, kind, named_notice(error, path)});
    }
  }

  void add_member(ArchiveReader& reader, const std::string& path, const Origin& origin,
                  Content kind) {
    Bytes bytes;
    IndexedEntry entry{{path, 0}, origin, kind, {}};
    if (auto reason = within_memory(path, limits_, [&] {
          bytes = reader.read();
          entry.what = read_header(bytes, kind, path, limits_);
        }))
      entry.what = *reason;
    entry.entry.size = bytes.size();
    if (std::holds_alternative<FileHeader>(entry.what) && bytes.size() <= left_) {
      left_ -= bytes.size();
      entry.origin.kept = std::move(bytes);
    }
    out_.push_back(std::move(entry));
  }

  Budget& budget_;
  const Limits& limits_;
  const IndexPlan& plan_;
  Journal& journal_;
  EntryPlace place_;  ///< of what is being read
  /// One archive inside that unpacks to too much may be a mistake; each costs time, so an archive
  /// of many is refused.
  static constexpr int kMostBombs = 3;
  int bombs_ = 0;
  std::uint64_t left_;
  std::vector<IndexedEntry>& out_;
  std::function<void(double)> progress_;  ///< of the archive being read
};

/// Headers of plain files; archives are only recognised.
IndexedEntry index_file(const WalkedFile& file, const Limits& limits) {
  IndexedEntry out{{file.shown, file.size}, {file.file, -1, -1, {}, {}, {}}, Content::other, {}};
  try {
    // Archives are read piece by piece, so one that is larger than any entry is not mapped whole.
    const bool large = file.size > limits.spool_bytes;
    Bytes bytes = map_file(file.file, file.shown, large ? kSniffBytes : limits.max_entry_bytes);
    out.content = sniff(bytes.span(), file.shown);
    if (is_archive(out.content)) return out;
    if (large || file.size > limits.max_entry_bytes)
      bytes = map_whole_file(file.file, file.shown, limits.max_entry_bytes);
    out.what = read_header(bytes, out.content, file.shown, limits);
  } catch (const Error& error) {
    out.what = error.notice();
  }
  return out;
}

}  // namespace

std::variant<FileHeader, Notice> read_header(const Bytes& bytes, Content content,
                                             const std::string& shown, const Limits& limits) {
  probe_entry(EntryWork::header, shown);
  try {
    switch (content) {
      case Content::dicom:
        return read_dicom_header(scan_dicom(bytes, shown, limits), shown, limits);
      case Content::nifti:
        return read_nifti_header(bytes, false, shown, limits);
      case Content::nifti_gz:
        return read_nifti_header(bytes, true, shown, limits);
      case Content::jpeg:
      case Content::png:
        return read_picture_header(bytes, content, shown, limits);
      default:
        return Notice{"not_an_image"_code, {{"path", shown}}};
    }
  } catch (const Error& error) {
    return error.notice();
  }
}

std::vector<IndexedEntry> index_source(const std::string& path, const Limits& limits,
                                       const std::function<void(double)>& progress,
                                       const IndexPlan& plan, Journal journal) {
  Budget budget(limits, path);
  const Walk found = walk(path, budget);
  const std::size_t count = found.files.size();
  std::vector<IndexedEntry> plain(count);
  std::vector<char> again(count, 0);  // not read yet, or too large to be read beside others
  const auto index = [&](std::size_t i) {
    const WalkedFile& file = found.files[i];
    const EntryPlace place{static_cast<int>(i), -1, -1};
    std::optional<Notice> failure;
    if (const Notice* reason = given_up(plan, place)) {
      failure = *reason;
      failure->args["path"] = file.shown;
    } else {
      const Journal::Note note(journal, place);
      failure = within_memory(file.shown, limits, [&] { plain[i] = index_file(file, limits); });
    }
    again[i] = failure && failure->code == "decoder_out_of_memory"_code;
    if (failure) plain[i] = {{file.shown, file.size}, {}, Content::other, *failure};
  };
  constexpr std::size_t kChunk = 16;
  parallel_for(count, kChunk, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (plan.alone.contains(static_cast<int>(i)))
        again[i] = 1;
      else
        index(i);
    }
  });
  for (std::size_t i = 0; i < count; ++i)
    if (again[i]) index(i);
  std::vector<IndexedEntry> out;
  out.reserve(count);
  std::size_t i = 0;
  ArchiveIndexer archives(budget, plan, journal, out, [&](double fraction) {
    progress((static_cast<double>(i) + fraction) / static_cast<double>(count));
  });
  for (; i < count; ++i) {
    if (is_archive(plain[i].content)) {
      archives.add_file(static_cast<int>(i), found.files[i], plain[i].content);
    } else {
      budget.add_bytes(plain[i].entry.size);
      out.push_back(std::move(plain[i]));
    }
  }
  for (const SetAside& aside : found.set_aside)
    out.push_back({{aside.path, 0}, {}, Content::other, aside.reason});
  std::stable_sort(out.begin(), out.end(), [](const IndexedEntry& a, const IndexedEntry& b) {
    return a.entry.path < b.entry.path;
  });
  return out;
}

}  // namespace thorax::intake
