#include "intake/sandbox_landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace thorax::intake {
namespace {

constexpr __u64 kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr __u64 kAll = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1;  ///< every right of the first version

[[noreturn]] void failed() {
  throw Error("decoder_not_started"_code,
              {{"detail", std::string("landlock: ") + std::strerror(errno)}});
}

void allow_reading(int rules, const char* path) {
  const int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return;  // what is not there needs no rule
  struct stat status {};
  landlock_path_beneath_attr rule{};
  rule.parent_fd = fd;
  rule.allowed_access =
      fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) ? kRead : LANDLOCK_ACCESS_FS_READ_FILE;
  const long result = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  close(fd);
  if (result != 0) failed();
}

}  // namespace

bool restrict_files(const std::string& readable) {
  if (syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
    return false;
  const landlock_ruleset_attr attributes{kAll};
  const int rules =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (rules < 0) failed();
  for (const char* path :
       {readable.c_str(), "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share"})
    allow_reading(rules, path);
  const long result = syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
  if (result != 0) failed();
  return true;
}

}  // namespace thorax::intake
