// What the decoding child gives up before it looks at untrusted bytes.
#pragma once

#include <string>

#include "intake/limits.h"

namespace thorax::intake {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

/// Limits this process for good: address space (not under AddressSanitizer, which reserves
/// terabytes), processor time, no files written, no core, few open files; no new privileges; files
/// readable below `readable` and the system's libraries only where the kernel has Landlock; and of
/// the system calls those that decoding needs (seccomp): files are opened read-only, no sockets, no
/// other programs, no other processes; threads are allowed. Throws Error(decoder_not_started).
void enter_sandbox(const Limits& limits, const std::string& readable);

}  // namespace thorax::intake
