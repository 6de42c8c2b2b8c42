#include "intake/source_reader.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "intake/child_text.h"
#include "intake/shared_memory.h"

namespace thorax::intake {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kStage = "read";

}  // namespace

SourceReader::SourceReader(std::filesystem::path path, const Limits& limits)
    : path_(std::move(path)), shown_(clean_utf8(path_.string())), limits_(limits) {}

SourceIndex SourceReader::index(const Progress& progress) {
  const Time until = Clock::now() + std::chrono::seconds(limits_.header_timeout_seconds);
  while (true) {
    const SharedMemory memory(Journal::size());
    const Journal journal(memory.at<void>(0));
    try {
      SourceIndex found = index_once(journal, memory.fd(), until, progress);
      entries_ = found.entries();
      return found;
    } catch (const Error& error) {
      if (!child_->died() || Clock::now() >= until) throw;
      blame(journal, error);
    }
  }
}

SourceIndex SourceReader::index_once(const Journal& journal, int fd, Time until,
                                     const Progress& progress) {
  child_ = std::make_unique<Child>(limits_, shown_);
  child_->ask({{"do", "open"},
               {"path", path_.string()},
               {"limits", to_json(limits_)},
               {"plan", to_json(plan_)},
               {"threads", thread_count()}},
              until, fd);
  child_->watch([&journal] { return journal.begun(); }, limits_.entry_timeout_seconds);
  SourceIndex found(limits_);
  for (bool more = true; more;) {
    const nlohmann::json reply = child_->reply(progress, kStage);
    found.add(reply);
    more = reply.contains("more");
  }
  return found;
}

/// One entry was being read: it is given up. Several were: each is read alone the next time.
void SourceReader::blame(const Journal& journal, const Error& death) {
  const std::vector<EntryPlace> suspects = journal.open();
  if (suspects.empty() || restarts_ >= limits_.max_child_restarts) throw death;
  ++restarts_;
  log::warning("a decoding process ended (" + death.notice().id() + "), a new one goes on");
  if (suspects.size() > 1) {
    for (const EntryPlace& place : suspects) plan_.alone.insert(place.file);
    return;
  }
  Notice reason = death.notice();
  reason.args.erase("path");  // the child knows the entry's name
  plan_.given_up.emplace(suspects.front(), std::move(reason));
}

void SourceReader::revive(const Progress& progress) {
  if (++restarts_ > limits_.max_child_restarts)
    throw Error("decoder_died"_code, {{"path", shown_}, {"detail", "too often"}});
  const std::vector<Entry> before = entries_;
  index(progress.part(0, 0));
  if (!std::ranges::equal(before, entries_, {}, &Entry::path, &Entry::path))
    throw Error("file_unreadable"_code, {{"path", shown_}, {"detail", "its files have changed"}});
}

nlohmann::json SourceReader::ask(const nlohmann::json& request, const Progress& progress,
                                 int shared) {
  if (child_->died()) revive(progress);
  child_->ask(request, Clock::now() + std::chrono::seconds(limits_.decode_timeout_seconds), shared);
  return child_->reply(progress, kStage);
}

}  // namespace thorax::intake
