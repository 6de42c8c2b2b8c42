// The service when many ask at once: everything is taken, answered and heard, and memory stays
// where it is. How fast it is, bench/load.sh measures.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "base/memory.h"
#include "serve/stub_service.h"

namespace thorax::serve {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing_support::Client;
using testing_support::TemporaryFolder;

constexpr std::size_t kListeners = 200, kUploaders = 8, kEach = 3;
constexpr std::size_t kStudies = kUploaders * kEach;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class LoadTest : public testing::Test {
 protected:
  static Options many(const TemporaryFolder& folder) {
    Options options = testing_support::stub_options(folder);
    options.streams = kListeners;
    options.connections = 2 * kListeners;
    return options;
  }

  TemporaryFolder folder;
  Service service{many(folder), testing_support::stub_worker(folder)};
};

/// Listens until every one of so many studies is done; the ids of those that it heard of.
std::set<std::string> hear(int port, std::atomic<std::size_t>& listening) {
  httplib::Client stream("127.0.0.1", port);
  stream.set_read_timeout(120s);
  std::set<std::string> done;
  std::string text;
  bool greeted = false;
  stream.Get("/api/v1/events", [&](const char* bytes, std::size_t size) {
    text.append(bytes, size);
    for (std::size_t end = 0; (end = text.find("\n\n")) != std::string::npos;
         text.erase(0, end + 2)) {
      const std::string event = text.substr(0, end);
      if (event.find("event: hello") != std::string::npos && !std::exchange(greeted, true))
        ++listening;
      if (event.find("event: job\n") == std::string::npos ||
          event.find("\"state\":\"done\"") == std::string::npos)
        continue;
      done.insert(json::parse(event.substr(event.find("data: ") + 6)).at("study_id"));
    }
    return done.size() < kStudies;
  });
  if (!greeted) ++listening;  // it was turned away, and nobody is to wait for it
  return done;
}

TEST_F(LoadTest, TwoHundredListenersHearOfEveryStudyThatManyUploadAtOnce) {
  std::atomic<std::size_t> listening{0};
  std::vector<std::set<std::string>> heard(kListeners);
  std::vector<std::thread> listeners, uploaders;
  for (std::set<std::string>& ids : heard)
    listeners.emplace_back([&] { ids = hear(service.port(), listening); });
  while (listening < kListeners) std::this_thread::yield();
  std::vector<std::set<std::string>> taken(kUploaders);
  for (std::set<std::string>& ids : taken)
    uploaders.emplace_back([&] {
      Client client(service.port());
      for (std::size_t i = 0; i < kEach; ++i) {
        ids.insert(client.upload("sick")["id"]);
        EXPECT_EQ(client.get("/healthz").status, 200);
      }
    });
  for (std::thread& uploader : uploaders) uploader.join();
  for (std::thread& listener : listeners) listener.join();
  std::set<std::string> all;
  for (std::set<std::string>& ids : taken) all.merge(ids);
  EXPECT_EQ(all.size(), kStudies);
  for (const std::set<std::string>& ids : heard) EXPECT_EQ(ids, all);
}

TEST_F(LoadTest, ALargeUploadTakesLittleMemory) {
  constexpr std::uint64_t kUpload = 256 * kMiB;
  const std::string piece(kMiB, '\n');
  Client client(service.port());
  client.upload("sick");  // what a first upload takes
  const std::uint64_t before = reset_peak_memory();
  if (before == 0) GTEST_SKIP() << "the kernel does not say what a process takes";
  const auto answer = client.raw().Post(
      "/api/v1/studies?name=large", kUpload,
      [&](std::size_t, std::size_t left, httplib::DataSink& sink) {
        return sink.write(piece.data(), std::min<std::size_t>(left, piece.size()));
      },
      "application/octet-stream");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(json::parse(answer->body).at("bytes"), kUpload);
  EXPECT_LT(peak_memory_since_reset(), before + 64 * kMiB);
}

}  // namespace
}  // namespace thorax::serve
