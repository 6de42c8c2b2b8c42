#include "intake/child.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "dicom_bytes.h"
#include "expect_code.h"
#include "intake/sandbox.h"
#include "intake/sandbox_landlock.h"
#include "intake/source.h"
#include "test_files.h"

namespace thorax::intake {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point in_a_minute() {
  return Clock::now() + std::chrono::minutes(1);
}

nlohmann::json open_request(const std::string& path, const Limits& limits = {}) {
  return {{"do", "open"}, {"path", path}, {"limits", to_json(limits)}, {"threads", 1}};
}

TEST(Child, DyingCostsACodedError) {
  for (const auto& [signal, code] :
       {std::pair{SIGKILL, "decoder_died"_code}, std::pair{SIGSEGV, "decoder_died"_code},
        std::pair{SIGXCPU, "decoder_timeout"_code}}) {
    Child child({}, "study.zip");
    kill(child.pid(), SIGSTOP);
    child.ask(open_request("/tmp"), in_a_minute());
    kill(child.pid(), signal);
    kill(child.pid(), SIGCONT);
    expect_code(code, [&] { child.reply({}, "read"); });
    expect_code("decoder_died"_code, [&] { child.ask(open_request("/tmp"), in_a_minute()); });
  }
}

TEST(Child, HangingCostsACodedErrorInTime) {
  Child child({}, "study.zip");
  kill(child.pid(), SIGSTOP);
  child.ask(open_request("/tmp"), Clock::now());
  expect_code("decoder_timeout"_code, [&] { child.reply({}, "read"); });
}

TEST(Child, AUserWhoStopsIsObeyed) {
  Child child({}, "study.zip");
  kill(child.pid(), SIGSTOP);
  const std::atomic<bool> cancelled{true};
  child.ask(open_request("/tmp"), in_a_minute());
  expect_code("cancelled"_code, [&] { child.reply(Progress(nullptr, &cancelled), "read"); });
}

TEST(Child, MemoryIsLimited) {
  if (kSanitized) GTEST_SKIP() << "address sanitizer reserves more than any limit";
  const TestFolder folder;
  SmallSlice slice;
  slice.pixels = std::string(100 << 20, '\1');
  const auto zip = folder.write("a.zip", pack(Packer::zip, {{"a.dcm", slice.file()}}));
  Limits limits;
  limits.child_memory_bytes = 160 << 20;
  limits.max_ratio = 1e9;
  expect_code("decoder_out_of_memory"_code, [&] { Source::open(zip, limits); });
}

TEST(Child, ProcessorTimeIsLimited) {
  const pid_t pid = fork();
  if (pid == 0) {
    Limits limits;
    limits.child_cpu_seconds = 7;
    enter_sandbox(limits, "/tmp");
    rlimit cpu{};
    getrlimit(RLIMIT_CPU, &cpu);
    _exit(cpu.rlim_cur == 7 ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
}

/// What a process inside the sandbox is told when it tries something: errno, 0 for success.
int inside_sandbox(const std::string& readable, const std::function<long()>& attempt) {
  const pid_t pid = fork();
  if (pid == 0) {
    enter_sandbox({}, readable);
    errno = 0;
    _exit(attempt() < 0 ? errno : 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Sandbox, OnlyReadingIsLeft) {
  const TestFolder folder;
  const std::string file = folder.write("a", "text").string();
  const std::string inside = folder.path().string();
  EXPECT_EQ(inside_sandbox(inside, [&] { return open(file.c_str(), O_RDONLY); }), 0);
  EXPECT_EQ(inside_sandbox(inside, [&] { return open(file.c_str(), O_WRONLY); }), EPERM);
  EXPECT_EQ(inside_sandbox(inside, [&] { return open(file.c_str(), O_RDWR); }), EPERM);
  EXPECT_EQ(
      inside_sandbox(inside, [&] { return open((file + "2").c_str(), O_CREAT | O_RDONLY, 0600); }),
      EPERM);
  EXPECT_EQ(inside_sandbox(inside, [&] { return unlink(file.c_str()); }), EPERM);
  EXPECT_EQ(inside_sandbox(inside, [] { return socket(AF_INET, SOCK_STREAM, 0); }), EPERM);
  EXPECT_EQ(inside_sandbox(inside, [] { return socket(AF_UNIX, SOCK_STREAM, 0); }), EPERM);
  EXPECT_EQ(inside_sandbox(inside, [] { return execl("/bin/true", "true", nullptr); }), EPERM);
  EXPECT_EQ(inside_sandbox(inside, [] { return fork(); }), EPERM);
  EXPECT_EQ(inside_sandbox(inside, [] { return kill(getppid(), 0); }), EPERM);
}

TEST(Sandbox, FilesElsewhereAreOutOfReachWhereTheKernelHasLandlock) {
  const TestFolder folder, other;
  const std::string elsewhere = other.write("a", "text").string();
  const std::string inside = folder.write("a", "text").string();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!restrict_files(folder.path().string())) _exit(77);
    const bool reads_inside = open(inside.c_str(), O_RDONLY) >= 0;
    _exit(reads_inside && open(elsewhere.c_str(), O_RDONLY) < 0 && errno == EACCES ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_THAT(WEXITSTATUS(status), testing::AnyOf(0, 77));
}

TEST(Sandbox, StricterLimitsOfTheUserStay) {
  const auto inside = [](int resource, rlim_t most) {
    const pid_t pid = fork();
    if (pid == 0) {
      const auto which = static_cast<__rlimit_resource_t>(resource);
      const rlimit strict{most, most};
      if (setrlimit(which, &strict) != 0) _exit(2);
      enter_sandbox({}, "/tmp");
      rlimit left{};
      getrlimit(which, &left);
      _exit(left.rlim_cur == most && left.rlim_max == most ? 0 : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
  };
  EXPECT_EQ(inside(RLIMIT_CPU, 5), 0);
  EXPECT_EQ(inside(RLIMIT_NOFILE, 32), 0);
  if (!kSanitized) {
    EXPECT_EQ(inside(RLIMIT_AS, rlim_t{1} << 30), 0);
  }
}

TEST(Sandbox, ThreadsAreAllowed) {
  EXPECT_EQ(inside_sandbox("/tmp",
                           [] {
                             std::atomic<int> ran{0};
                             std::thread([&] { ran = 1; }).join();
                             return ran.load() - 1L;
                           }),
            0);
}

FileHeader some_header() {
  FileHeader header;
  header.patient.name = "Иванов";
  header.series.series_number = 3;
  Instance& i = header.instance;
  i.rows = 2;
  i.columns = 3;
  i.frames = 2;
  i.position = {1.5, -2, 3};
  i.image_type = {"ORIGINAL", "PRIMARY"};
  i.per_frame.resize(2);
  i.per_frame[1].rescale_slope = 2;
  return header;
}

TEST(Protocol, HeadersArriveAsTheyWere) {
  const FileHeader header = header_from_json(to_json(some_header()), {});
  EXPECT_EQ(header.patient.name, "Иванов");
  EXPECT_EQ(header.series.series_number, 3);
  EXPECT_EQ(header.instance.position, (std::array{1.5, -2.0, 3.0}));
  EXPECT_EQ(header.instance.image_type.at(1), "PRIMARY");
  EXPECT_EQ(header.instance.per_frame.at(1).rescale_slope, 2);
  EXPECT_FALSE(header.instance.gantry_tilt);
}

TEST(Protocol, NothingTheChildSaysIsBelieved) {
  const auto refused = [](const char* key, const nlohmann::json& value) {
    nlohmann::json json = to_json(some_header());
    json[key] = value;
    expect_code("decoder_protocol"_code, [&] { header_from_json(json, {}); });
  };
  refused("rows", 0);
  refused("rows", 1 << 20);
  refused("rows", 4294967297);
  refused("rows", "4");
  refused("frames", 3);
  refused("patient_name", "\xff");
  refused("patient_name", "line\nbreak");
  refused("patient_name", std::string(10'000, 'x'));
  refused("position", {1, 2});
  refused("type", 5);
  expect_code("decoder_protocol"_code, [] {
    notice_from_json({{"code", "INTERNAL"}, {"args", {{"detail", "\x01"}}}});
  });
}

TEST(Protocol, HostileMessagesAreRefused) {
  const auto received = [](const std::string& bytes) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    Channel ours(ends[0]);
    {
      const Channel theirs(ends[1]);
      EXPECT_EQ(write(theirs.fd(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    return ours.receive();
  };
  expect_code("decoder_protocol"_code, [&] { received("\xff\xff\xff\x7f"); });
  expect_code("decoder_protocol"_code, [&] { received(std::string("\1\0\0\0\x05", 5)); });
  // Arrays in arrays, as deep as a message is long.
  expect_code("decoder_protocol"_code,
              [&] { received(std::string("\0\x80\0\0", 4) + std::string(0x8000, '\x81')); });
  EXPECT_FALSE(received("\1"));
}

}  // namespace
}  // namespace thorax::intake
