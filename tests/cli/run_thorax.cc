#include "cli/run_thorax.h"
#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

namespace thorax::testing_support {
namespace {

namespace fs = std::filesystem;

std::string take_file(const fs::path& path) {
  std::string text = read_file(path);
  fs::remove(path);
  return text;
}

[[noreturn]] void become_thorax(const std::vector<std::string>& arguments,
                                const std::map<std::string, std::string>& environment,
                                const fs::path& out, const fs::path& err) {
  if (!std::freopen("/dev/null", "r", stdin) || !std::freopen(out.c_str(), "w", stdout) ||
      !std::freopen(err.c_str(), "w", stderr))
    _exit(125);
  std::vector<std::string> words{THORAX_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables{"PATH=/usr/bin:/bin"};
  if (!environment.contains("LANG")) variables.emplace_back("LANG=C.UTF-8");
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> out_pointers;
    for (std::string& text : texts) out_pointers.push_back(text.data());
    out_pointers.push_back(nullptr);
    return out_pointers;
  };
  execve(THORAX_BINARY, pointers(words).data(), pointers(variables).data());
  _exit(126);
}

Ended run(const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment,
          const std::function<void(pid_t)>& meanwhile) {
  const std::string stem =
      (fs::path(testing::TempDir()) / ("thorax-run-" + std::to_string(getpid()))).string();
  const pid_t child = fork();
  if (child == 0) become_thorax(arguments, environment, stem + ".out", stem + ".err");
  meanwhile(child);
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  Ended result;
  for (const timeval& time : {used.ru_utime, used.ru_stime})
    result.cpu_seconds +=
        static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  result.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = take_file(stem + ".out");
  result.err = take_file(stem + ".err");
  return result;
}

}  // namespace

Ended run_thorax(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
  return run(arguments, environment, [](pid_t) {});
}

Ended interrupt_thorax(const std::vector<std::string>& arguments, bool (*moment)(void*),
                       void* state) {
  return run(arguments, {}, [&](pid_t child) {
    siginfo_t ended{};
    while (!moment(state)) {
      waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT);
      if (ended.si_pid == child) {
        ADD_FAILURE() << "it ended before it could be interrupted";
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(child, SIGINT);
  });
}

}  // namespace thorax::testing_support
