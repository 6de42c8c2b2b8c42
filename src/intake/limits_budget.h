// Counts what a source has cost so far against its Limits.
#pragma once

#include <cstdint>
#include <string>

#include "intake/limits.h"

namespace thorax::intake {

/// Shared by everything that is read from one source.
class Budget {
 public:
  Budget(const Limits& limits, std::string source) : limits_(limits), source_(std::move(source)) {}

  const Limits& limits() const { return limits_; }
  /// Throws Error(too_many_entries) or Error(name_too_long).
  void add_entry(const std::string& name);
  /// Throws Error(input_too_large).
  void add_bytes(std::uint64_t bytes);

 private:
  Limits limits_;
  std::string source_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Watches how far one packed thing (an archive, a deflated data set, a gz file) unpacks. Small
/// things may unpack as they like: a blank slice shrinks to nothing.
class Expansion {
 public:
  Expansion(const Limits& limits, std::string name, std::uint64_t packed)
      : limits_(limits), name_(std::move(name)), packed_(packed) {}

  /// Throws Error(ratio_too_high) or, past Limits::max_entry_bytes in one entry,
  /// Error(entry_too_large).
  void add(std::uint64_t bytes);
  void start_entry() { entry_ = 0; }

 private:
  Limits limits_;
  std::string name_;
  std::uint64_t packed_;
  std::uint64_t total_ = 0;
  std::uint64_t entry_ = 0;
};

}  // namespace thorax::intake
