#include "intake/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "base/error.h"
#include "intake/child_main.h"
#include "intake/sandbox.h"

extern char** environ;

namespace thorax::intake {
namespace {

using namespace std::chrono_literals;

constexpr int kChildFd = 3;
constexpr auto kTick = 50ms;       ///< how often the user's wish to stop is looked at
constexpr auto kGoodbye = 2000ms;  ///< how long an idle child may take to leave

std::mutex executable_mutex;
std::string executable = "/proc/self/exe";

[[noreturn]] void not_started(int error) {
  throw Error("decoder_not_started"_code, {{"detail", std::strerror(error)}});
}

/// The child gets nothing of the environment but what instrumented builds need.
std::vector<std::string> child_environment() {
  // No dictionary: attributes are read by tag, and loading it costs more than starting. Files are
  // unpacked into memory whole: from the heap, in large pages (glibc 2.35), because small ones from
  // a kernel that is slow to hand them out cost a third of unpacking.
  std::vector<std::string> out = {
      "LC_ALL=C.UTF-8", "DCMDICTPATH=/dev/null", "MALLOC_ARENA_MAX=4",
      "GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432"};
  constexpr std::array<std::string_view, 6> kKept = {
      "ASAN_OPTIONS=",    "UBSAN_OPTIONS=",     "GCOV_",
      "LD_LIBRARY_PATH=", "LLVM_PROFILE_FILE=", "LSAN_OPTIONS="};
  for (char** variable = environ; *variable; ++variable)
    for (const std::string_view prefix : kKept)
      if (std::string_view(*variable).starts_with(prefix)) out.emplace_back(*variable);
  return out;
}

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t spawn(int socket) {
  SpawnActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), socket, kChildFd);
  posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(actions.get(), 1, "/dev/null", O_WRONLY, 0);
  if (!kSanitized) posix_spawn_file_actions_adddup2(actions.get(), 1, 2);
  posix_spawn_file_actions_addclosefrom_np(actions.get(), kChildFd + 1);

  std::string program;
  {
    const std::lock_guard lock(executable_mutex);
    program = executable;
  }
  std::string command = kDecodeChildCommand, fd = std::to_string(kChildFd);
  std::array<char*, 4> arguments = {program.data(), command.data(), fd.data(), nullptr};
  std::vector<std::string> variables = child_environment();
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program.c_str(), actions.get(), nullptr, arguments.data(),
                                environment.data());
  if (error != 0) not_started(error);
  return pid;
}

}  // namespace

void set_child_executable(const std::filesystem::path& path) {
  const std::lock_guard lock(executable_mutex);
  executable = path.string();
}

Child::Child(const Limits& limits, std::string source)
    : limits_(limits), source_(std::move(source)) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) not_started(errno);
  channel_ = std::make_unique<Channel>(ends[0]);
  const Channel theirs(ends[1]);
  pid_ = spawn(theirs.fd());
}

Child::~Child() {
  end(busy_);
}

/// Returns the wait status; 0 when the child had ended before.
int Child::end(bool at_once) {
  channel_.reset();
  if (pid_ < 0) return 0;
  const int watch = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (at_once || watch < 0 || !Channel(watch).wait(kGoodbye)) kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

void Child::report_death() {
  const int status = end(false);
  busy_ = false;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    throw Error("decoder_timeout"_code,
                {{"path", source_}, {"limit", std::to_string(limits_.child_cpu_seconds)}});
  const std::string detail = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) +
                                                       ", " + strsignal(WTERMSIG(status))
                                                 : "status " + std::to_string(WEXITSTATUS(status));
  throw Error("decoder_died"_code, {{"path", source_}, {"detail", detail}});
}

void Child::ask(const nlohmann::json& request, Time until, int shared) {
  if (!channel_) throw Error("decoder_died"_code, {{"path", source_}, {"detail", "earlier"}});
  busy_ = true;
  beats_ = nullptr;
  asked_ = std::chrono::steady_clock::now();
  until_ = until;
  if (!channel_->send(request, shared)) report_death();
}

void Child::watch(std::function<std::uint32_t()> beats, int seconds) {
  beats_ = std::move(beats);
  last_beat_ = beats_();
  patience_ = std::chrono::seconds(seconds);
  beat_at_ = std::chrono::steady_clock::now();
}

void Child::too_slow(std::chrono::seconds limit) {
  end(true);
  busy_ = false;
  throw Error("decoder_timeout"_code,
              {{"path", source_}, {"limit", std::to_string(limit.count())}});
}

void Child::check_time() {
  const Time now = std::chrono::steady_clock::now();
  if (now >= until_) too_slow(std::chrono::round<std::chrono::seconds>(until_ - asked_));
  if (!beats_) return;
  if (const std::uint32_t beat = beats_(); beat != last_beat_) {
    last_beat_ = beat;
    beat_at_ = now;
  }
  if (now >= beat_at_ + patience_) too_slow(patience_);
}

nlohmann::json Child::reply(const Progress& progress, std::string_view stage) {
  double fraction = 0;
  while (true) {
    while (!channel_->wait(kTick)) {
      progress.report(stage, fraction);
      check_time();
    }
    std::optional<nlohmann::json> message;
    try {
      message = channel_->receive();
      if (!message) report_death();
      if (message->contains("progress")) {
        fraction = std::clamp(message->at("progress").get<double>(), 0.0, 1.0);
        progress.report(stage, fraction);
        continue;
      }
      if (!message->contains("more")) busy_ = false;
      if (!message->contains("error")) return std::move(*message);
    } catch (const nlohmann::json::exception& error) {
      end(true);
      protocol_violated(error.what());
    }
    Notice notice = notice_from_json(message->at("error"));
    notice.args.try_emplace("path", source_);
    throw Error(std::move(notice));
  }
}

}  // namespace thorax::intake
