#include "intake/sandbox.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "intake/sandbox_landlock.h"

namespace thorax::intake {
namespace {

constexpr rlim_t kOpenFiles = 64;

[[noreturn]] void failed(const char* what, int error) {
  throw Error("decoder_not_started"_code,
              {{"detail", std::string(what) + ": " + std::strerror(error)}});
}

/// A stricter limit that the process already has (`ulimit`, a batch system) stays: it cannot be
/// raised, and need not be.
void limit(int resource, rlim_t soft, rlim_t hard) {
  const auto which = static_cast<__rlimit_resource_t>(resource);
  rlimit value{};
  if (getrlimit(which, &value) != 0) failed("getrlimit", errno);
  value.rlim_max = std::min(value.rlim_max, hard);
  value.rlim_cur = std::min(value.rlim_max, soft);
  if (setrlimit(which, &value) != 0) failed("setrlimit", errno);
}

/// What the C and C++ runtime, threads and read-only file access need.
constexpr const char* kAllowed[] = {"read",
                                    "readv",
                                    "pread64",
                                    "write",
                                    "writev",
                                    "close",
                                    "fstat",
                                    "newfstatat",
                                    "statx",
                                    "lseek",
                                    "mmap",
                                    "mprotect",
                                    "munmap",
                                    "mremap",
                                    "madvise",
                                    "brk",
                                    "rt_sigaction",
                                    "rt_sigprocmask",
                                    "rt_sigreturn",
                                    "sigaltstack",
                                    "futex",
                                    "sched_yield",
                                    "sched_getaffinity",
                                    "getpid",
                                    "gettid",
                                    "tgkill",
                                    "exit",
                                    "exit_group",
                                    "clock_gettime",
                                    "gettimeofday",
                                    "clock_nanosleep",
                                    "nanosleep",
                                    "getrandom",
                                    "getdents64",
                                    "recvmsg",
                                    "sendmsg",
                                    "poll",
                                    "ppoll",
                                    "set_robust_list",
                                    "rseq",
                                    "restart_syscall",
                                    "fcntl",
                                    "membarrier",
                                    "uname",
                                    "sysinfo",
                                    "getrusage",
                                    "dup"};

void filter_system_calls() {
  const std::unique_ptr<void, void (*)(void*)> context(seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                       seccomp_release);
  if (!context) failed("seccomp_init", ENOMEM);
  int error = 0;
  const auto check = [&](int result) {
    if (result != 0 && error == 0) error = -result;
  };
  for (const char* name : kAllowed) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call != __NR_SCMP_ERROR) check(seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, call, 0));
  }
  constexpr unsigned kWriting =
      O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
  check(seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, kWriting, 0)));
  check(seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)));
  // glibc falls back to clone(), whose flags a filter can see.
  check(seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
  // Reading limits is what pthreads do; setting them is not.
  check(seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                         SCMP_A2(SCMP_CMP_EQ, 0)));
  check(seccomp_load(context.get()));
  if (error != 0) failed("seccomp", error);
}

}  // namespace

void enter_sandbox(const Limits& limits, const std::string& readable) {
  const auto cpu = static_cast<rlim_t>(limits.child_cpu_seconds);
  if (!kSanitized) limit(RLIMIT_AS, limits.child_memory_bytes, limits.child_memory_bytes);
  limit(RLIMIT_CPU, cpu, cpu + 1);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_NOFILE, kOpenFiles, kOpenFiles);
#ifndef THORAX_COVERAGE
  // A coverage build writes its counters when the child ends; every other build writes nothing.
  limit(RLIMIT_FSIZE, 0, 0);
#endif
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) failed("no_new_privs", errno);
#ifndef THORAX_COVERAGE
  restrict_files(readable);
  filter_system_calls();
#endif
}

}  // namespace thorax::intake
