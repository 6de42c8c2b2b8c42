// A run as trackers see it: what it was told, and its numbers so far.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace thorax::track {

struct Metric {
  std::string name;
  double value = 0;
  std::int64_t step = 0;          ///< epoch, from 1
  std::int64_t milliseconds = 0;  ///< since 1970
};

enum class Status { running, finished, failed, killed };

struct RunRecord {
  std::string experiment, name;
  std::string fingerprint;  ///< of everything that decides the result
  std::filesystem::path folder;
  std::int64_t started = 0;                   ///< milliseconds since 1970
  std::map<std::string, std::string> params;  ///< settings by their keys
  std::map<std::string, std::string> tags;
  std::vector<Metric> metrics;  ///< all so far, numbers only
};

}  // namespace thorax::track
