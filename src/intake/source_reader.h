// The parent's view of one source: a decoding child that is started again when it dies.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "intake/child.h"
#include "intake/index_plan.h"
#include "intake/source_index.h"

namespace thorax::intake {

/// While headers are read, a child that dies costs the entry it was reading: a new child goes on
/// with the rest. While pixels are decoded it costs that request. Limits::max_child_restarts deaths
/// are survived; the next one ends the source.
class SourceReader {
 public:
  SourceReader(std::filesystem::path path, const Limits& limits);

  /// Reads the headers of all entries. Throws Error when the source as a whole cannot be read.
  SourceIndex index(const Progress& progress);
  /// Asks for pixels or a hash; throws what the child answers, or Error(decoder_...).
  nlohmann::json ask(const nlohmann::json& request, const Progress& progress, int shared = -1);

 private:
  using Time = std::chrono::steady_clock::time_point;

  SourceIndex index_once(const Journal& journal, int fd, Time until, const Progress& progress);
  void blame(const Journal& journal, const Error& death);
  void revive(const Progress& progress);

  std::filesystem::path path_;
  std::string shown_;
  Limits limits_;
  IndexPlan plan_;
  int restarts_ = 0;
  std::vector<Entry> entries_;
  std::unique_ptr<Child> child_;
};

}  // namespace thorax::intake
