#include "intake/child_store.h"

#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/parallel.h"
#include "intake/archive.h"

namespace thorax::intake {
namespace {

/// Unpacked entries that wait for the decoding threads at any time.
constexpr std::size_t kBatchBytes = 64 << 20;

}  // namespace

void Store::visit(const std::vector<std::size_t>& wanted,
                  const std::function<void(std::size_t, const Bytes&)>& work) const {
  std::vector<std::size_t> at_hand;
  std::map<std::string, std::vector<std::size_t>> in_archive;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    const Origin& origin = entries_.at(wanted[k]).origin;
    if (origin.member >= 0 && origin.kept.size() == 0) {
      in_archive[origin.file].push_back(k);
    } else {
      at_hand.push_back(k);
    }
  }
  parallel_for(at_hand.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const IndexedEntry& entry = entries_[wanted[at_hand[i]]];
      const Bytes& kept = entry.origin.kept;
      work(at_hand[i], kept.size() > 0 ? kept
                                       : map_whole_file(entry.origin.file, entry.entry.path,
                                                        limits_.max_entry_bytes));
    }
  });
  for (const auto& [file, positions] : in_archive) visit_archive(file, wanted, positions, work);
}

void Store::visit_archive(const std::string& file, const std::vector<std::size_t>& wanted,
                          const std::vector<std::size_t>& positions,
                          const std::function<void(std::size_t, const Bytes&)>& work) const {
  // Members by their numbers; one of the outer archive may hold several of a nested one.
  std::map<int, std::map<int, std::vector<std::size_t>>> places;
  for (const std::size_t k : positions) {
    const Origin& origin = entries_[wanted[k]].origin;
    places[origin.member][origin.nested].push_back(k);
  }
  std::vector<std::pair<std::size_t, Bytes>> batch;
  std::size_t batched = 0;
  const auto flush = [&] {
    parallel_for(batch.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) work(batch[i].first, batch[i].second);
    });
    batch.clear();
    batched = 0;
  };
  const auto give = [&](const std::vector<std::size_t>& takers, const Bytes& bytes) {
    for (const std::size_t k : takers) batch.emplace_back(k, bytes);
    batched += bytes.size();
    if (batched >= kBatchBytes) flush();
  };
  Budget budget(limits_, file);
  const Origin& first = entries_[wanted[positions.front()]].origin;
  const std::string& shown = entries_[wanted[positions.front()]].entry.path;
  ArchiveReader outer(file, std::filesystem::file_size(file), first.outer, shown, budget);
  for (int number = 0; !places.empty() && outer.next(); ++number) {
    const auto place = places.find(number);
    if (place == places.end()) continue;
    const Bytes bytes = outer.read();
    if (const auto whole = place->second.find(-1); whole != place->second.end()) {
      give(whole->second, bytes);
      place->second.erase(whole);
    }
    if (!place->second.empty()) {
      const Content kind = entries_[wanted[place->second.begin()->second.front()]].origin.inner;
      ArchiveReader inner(bytes, kind, shown, budget);
      for (int n = 0; !place->second.empty() && inner.next(); ++n) {
        const auto member = place->second.find(n);
        if (member == place->second.end()) continue;
        give(member->second, inner.read());
        place->second.erase(member);
      }
    }
    if (place->second.empty()) places.erase(place);
  }
  flush();
  if (!places.empty())
    throw Error("archive_broken"_code, {{"path", shown}, {"detail", "the file has changed"}});
}

}  // namespace thorax::intake
