#include "base/memory.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace thorax {
namespace {

namespace fs = std::filesystem;

std::uint64_t peak_bytes(int who) {
  rusage usage{};
  if (getrusage(who, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// The number a file holds; nothing when absent or "max".
std::optional<std::uint64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (!(file >> value)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> field(const fs::path& path, const std::string& name) {
  std::ifstream file(path);
  std::string word;
  std::uint64_t value = 0;
  while (file >> word)
    if (word == name && file >> value) return value;
  return std::nullopt;
}

/// What is left in one group. Page cache that can be dropped counts as free.
std::optional<std::uint64_t> left_in_group(const fs::path& group, const char* limit_name,
                                           const char* usage_name, const char* cache_name) {
  const auto limit = number_in(group / limit_name);
  const auto usage = number_in(group / usage_name);
  if (!limit || !usage) return std::nullopt;
  const std::uint64_t used =
      *usage - std::min(*usage, field(group / "memory.stat", cache_name).value_or(0));
  return *limit - std::min(*limit, used);
}

/// The tightest limit from the process' group up to the root of the hierarchy.
std::uint64_t left_in_groups(const fs::path& root) {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const bool version2 = line.starts_with("0::");
    if (!version2 && line.substr(first + 1, second - first - 1).find("memory") == std::string::npos)
      continue;
    const fs::path base = root / (version2 ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
    fs::path group = fs::path(line.substr(second + 1)).relative_path();
    while (true) {
      const auto here =
          version2 ? left_in_group(base / group, "memory.max", "memory.current", "inactive_file")
                   : left_in_group(base / group, "memory.limit_in_bytes", "memory.usage_in_bytes",
                                   "total_inactive_file");
      left = std::min(left, here.value_or(left));
      if (group.empty()) break;
      group = group.parent_path();
    }
  }
  return left;
}

}  // namespace

std::uint64_t peak_memory_bytes() {
  return peak_bytes(RUSAGE_SELF);
}

std::uint64_t peak_child_memory_bytes() {
  return peak_bytes(RUSAGE_CHILDREN);
}

std::uint64_t reset_peak_memory() {
  std::ofstream("/proc/self/clear_refs") << 5;  // proc(5): resets VmHWM to VmRSS
  return field("/proc/self/status", "VmRSS:").value_or(0) * 1024;
}

std::uint64_t peak_memory_since_reset() {
  return field("/proc/self/status", "VmHWM:").value_or(0) * 1024;
}

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

void return_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::uint64_t available_memory_bytes() {
  return available_memory_bytes("/");
}

std::uint64_t available_memory_bytes(const fs::path& root) {
  const std::uint64_t machine = field(root / "proc/meminfo", "MemAvailable:").value_or(0) * 1024;
  return std::min(machine, left_in_groups(root));
}

}  // namespace thorax
