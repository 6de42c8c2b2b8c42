#include "serve/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"

namespace thorax::serve {
namespace {

using nlohmann::json;

constexpr int kAskEveryMs = 50;
constexpr double kGraceSeconds = 3;  // between SIGTERM and SIGKILL
// A line is a few kilobytes; what says more without an end of line is no worker of ours.
constexpr std::size_t kMaxLine = 1 << 20;

/// The child process: its id and the end of its standard output.
struct Child {
  pid_t pid = -1;
  int output = -1;
};

[[noreturn]] void become(char* const* words, int output, pid_t parent) {
  // Only what is safe between fork and exec in a process with threads.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);  // it died before the line above
  setpgid(0, 0);                        // Ctrl-C in a terminal is for the service to handle
  const int none = open("/dev/null", O_RDONLY);
  if (none < 0 || dup2(none, 0) < 0 || dup2(output, 1) < 0) _exit(125);
  close_range(3, ~0U, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  sigset_t all;
  sigemptyset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  signal(SIGPIPE, SIG_DFL);
  execv(words[0], words);
  _exit(126);
}

Child start(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error("internal"_code, {{"detail", std::string("pipe: ") + std::strerror(errno)}});
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(pointers.data(), ends[1], parent);
  const int number = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    throw Error("internal"_code, {{"detail", std::string("fork: ") + std::strerror(number)}});
  }
  setpgid(pid, pid);  // whichever of the two comes first
  return {pid, ends[0]};
}

/// What a worker said so far.
class Words {
 public:
  Words(const WorkerTask& task, const std::function<void(std::string_view, double)>& progressed)
      : task_(task), progressed_(progressed) {}

  /// False when this is nothing a worker says.
  bool hear(std::string_view bytes) {
    pending_ += bytes;
    for (std::size_t end = 0; (end = pending_.find('\n')) != std::string::npos;) {
      const std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      if (!understand(line)) return false;
    }
    return pending_.size() <= kMaxLine;
  }

  bool ended() const { return ended_; }
  const std::optional<Notice>& failure() const { return failure_; }
  std::vector<store::Result>& results() { return results_; }
  bool all_failed() const { return failed_ == results_.size(); }

 private:
  bool understand(const std::string& line) {
    const json said = json::parse(line, nullptr, false);
    if (!said.is_object()) return false;
    try {
      if (said.contains("stage"))
        progressed_(said.at("stage").get<std::string>(), said.at("fraction").get<double>());
      if (said.contains("study")) add_result(said);
      if (said.contains("failure")) failure_ = notice_of(said.at("failure"));
      ended_ = ended_ || said.contains("end");
    } catch (const json::exception&) {
      return false;
    }
    return true;
  }

  static Notice notice_of(const json& failure) {
    return {parse_code(failure.at("code").get<std::string>()), failure.at("arguments")};
  }

  void add_result(const json& said) {
    const json& study = said.at("study");
    const auto text = [&](const char* key) {
      return study.at(key).is_string() ? study.at(key).get<std::string>() : std::string();
    };
    store::Result result;
    result.number = static_cast<int>(results_.size()) + 1;
    result.folder = task_.folder + '/' + said.at("folder").get<std::string>();
    result.verdict = text("verdict");
    result.kind = text("kind");
    result.trust = text("trust");
    result.summary = study.dump();
    result.patient = said.value("patient", "");
    if (said.contains("embedding")) {
      const json& made = said.at("embedding");
      result.embedding = {made.at("model").get<std::string>(),
                          made.at("model_sha256").get<std::string>(),
                          made.at("values").get<std::vector<float>>()};
      if (result.embedding->values.empty()) result.embedding.reset();
    }
    results_.push_back(std::move(result));
    if (study.at("failure").is_null()) return;
    ++failed_;
    if (!failure_) failure_ = notice_of(study.at("failure"));
  }

  const WorkerTask& task_;
  const std::function<void(std::string_view, double)>& progressed_;
  std::string pending_;
  bool ended_ = false;
  std::size_t failed_ = 0;
  std::optional<Notice> failure_;
  std::vector<store::Result> results_;
};

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

store::Outcome failed(Notice notice) {
  return {store::JobState::failed, std::move(notice), {}};
}

/// Waits for what the worker says, at most a moment; false when it will say nothing more.
bool listen(int output, Words& words) {
  pollfd wait{output, POLLIN, 0};
  if (poll(&wait, 1, kAskEveryMs) <= 0) return true;
  char buffer[16384];
  const ssize_t count = read(output, buffer, sizeof buffer);
  if (count < 0) return errno == EINTR;
  return count > 0 && words.hear({buffer, static_cast<std::size_t>(count)});
}

/// Waits for it to end, and ends whatever it started; its wait status.
int reap(pid_t pid) {
  // While it is not reaped, no other process group can have its number.
  siginfo_t ended{};
  while (waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
    continue;
  kill(-pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

}  // namespace

WorkerEnd run_worker(const WorkerCommand& command, const WorkerTask& task,
                     const std::function<void(std::string_view, double)>& progressed,
                     const std::function<Stop()>& stop) {
  std::vector<std::string> arguments = command.words;
  arguments.insert(arguments.end(),
                   {"--out", task.output.string(), "--threads", std::to_string(task.threads),
                    "--name", task.name, "--file", task.file.string()});
  const Child child = start(std::move(arguments));
  Words words(task, progressed);
  const Stopwatch begun;
  std::optional<Stopwatch> asked;  // since it was told to end
  WorkerEnd end;
  bool late = false;
  while (listen(child.output, words)) {
    if (!asked) {
      end.stopped = stop();
      late = begun.seconds() > task.seconds;
      if (end.stopped == Stop::no && !late) continue;
      asked.emplace();
      kill(-child.pid, SIGTERM);
    } else if (asked->seconds() > kGraceSeconds) {
      kill(-child.pid, SIGKILL);
    }
  }
  // Nothing it started may stay behind, nor may it: it has said all it had to say.
  if (!words.ended()) kill(-child.pid, SIGKILL);
  close(child.output);
  const int status = reap(child.pid);
  if (late)
    end.outcome = failed({"worker_timeout"_code, {{"seconds", std::to_string(task.seconds)}}});
  else if (!words.ended())
    end.outcome = failed({"worker_died"_code, {{"detail", how_it_ended(status)}}});
  else if (words.results().empty() && !words.failure())
    end.outcome = failed({"internal"_code, {{"detail", "the worker found nothing to say"}}});
  else {
    const bool bad = words.all_failed();
    end.outcome = {bad ? store::JobState::failed : store::JobState::done,
                   bad ? words.failure() : std::nullopt, std::move(words.results())};
  }
  // It ended well although it was told to stop: its work counts.
  if (words.ended() && end.outcome.state == store::JobState::done) end.stopped = Stop::no;
  return end;
}

}  // namespace thorax::serve
