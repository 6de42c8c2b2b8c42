// What memory this process took, and what it may take.
#pragma once

#include <cstdint>
#include <filesystem>

namespace thorax {

/// Largest resident set of this process so far, in bytes.
std::uint64_t peak_memory_bytes();
/// Largest resident set of any child that has ended, in bytes.
std::uint64_t peak_child_memory_bytes();

/// Forgets the peak so far and returns what is resident now, so that peak_memory_since_reset() is
/// the peak of what follows. Both give 0 where the kernel does not offer it.
std::uint64_t reset_peak_memory();
std::uint64_t peak_memory_since_reset();

/// From now on freed blocks of up to 32 MB stay with this process and are used again. Otherwise the
/// kernel takes every larger one back and clears its pages anew, a quarter of a network's time.
void keep_freed_memory();
/// Gives what is free back to the kernel.
void return_freed_memory();

/// Bytes that can still be taken without swapping or being killed: the kernel's MemAvailable, or
/// what the control group (version 1 or 2) of this process has left when that is less.
std::uint64_t available_memory_bytes();

/// The same from a given file system root, for tests: reads proc/meminfo, proc/self/cgroup and
/// sys/fs/cgroup below it. 0 when nothing could be read.
std::uint64_t available_memory_bytes(const std::filesystem::path& root);

}  // namespace thorax
