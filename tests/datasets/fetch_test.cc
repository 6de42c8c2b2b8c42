#include "datasets/fetch.h"
#include "base/files.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include "base/error.h"
#include "base/hash.h"
#include "support/code_of.h"
#include "support/temporary_folder.h"

namespace thorax::datasets {
namespace {

namespace fs = std::filesystem;
using testing_support::code_of;
using testing_support::TemporaryFolder;

/// A server with one file, that can be told to end early, and remembers who asked for what.
class Server {
 public:
  Server() {
    server_.Get("/file", [this](const httplib::Request& request, httplib::Response& answer) {
      const std::lock_guard lock(mutex);
      asked.push_back(request.get_header_value("Range"));
      signs.push_back(request.get_header_value("Authorization"));
      answer.set_header("ETag", tag);
      answer.set_header("Accept-Ranges", "bytes");
      std::size_t first = 0;
      if (!asked.back().empty() && request.get_header_value("If-Range") == tag) {
        first = std::stoul(asked.back().substr(6));
        answer.status = 206;
      }
      // The library would cut the ranges out once more, whatever If-Range says.
      const_cast<httplib::Request&>(request).ranges.clear();
      const std::string rest = content.substr(first);
      const std::size_t given = std::min(cut, rest.size());
      answer.set_content_provider(
          rest.size(), "application/zip",
          [rest, given](std::size_t offset, std::size_t, httplib::DataSink& sink) {
            if (offset >= given) return false;
            return sink.write(rest.data() + offset, given - offset);
          });
      cut = std::string::npos;
    });
    server_.Get("/moved", [this](const httplib::Request& request, httplib::Response& answer) {
      signs.push_back(request.get_header_value("Authorization"));
      answer.set_redirect(moved_to);
    });
    server_.Get("/api/v1/datasets/download/me/set",
                [this](const httplib::Request& request, httplib::Response& answer) {
                  signs.push_back(request.get_header_value("Authorization"));
                  answer.set_redirect(moved_to);
                });
    server_.Get(R"(http://sets\.example(:80)?/file)",
                [this](const httplib::Request&, httplib::Response& answer) {
                  answer.set_content(content, "application/zip");  // as a proxy is asked
                });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Server() {
    server_.stop();
    thread_.join();
  }
  std::string address(const std::string& path = "/file") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  std::mutex mutex;
  std::string content, tag = "\"v1\"", moved_to = "/file";
  std::size_t cut = std::string::npos;
  std::vector<std::string> asked, signs;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    for (int i = 0; i < 50'000; ++i) server.content += static_cast<char>('a' + i * i % 23);
    options.addresses = {server.address()};
    options.target = folder / "sets/set.zip";
    options.sha256 = sha256_hex(server.content);
  }
  std::string text() const { return read_file(options.target); }

  TemporaryFolder folder;
  Server server;
  FetchOptions options;
};

TEST_F(FetchTest, GoesOnWhereItWasCutShort) {
  server.cut = 20'000;
  const Fetched fetched = fetch(options, {});
  EXPECT_EQ(text(), server.content);
  EXPECT_EQ(fetched.sha256, options.sha256);
  ASSERT_EQ(server.asked.size(), 2u);
  EXPECT_EQ(server.asked[0], "");
  EXPECT_EQ(server.asked[1], "bytes=20000-");
  EXPECT_FALSE(fs::exists(options.target.string() + ".part"));
  EXPECT_FALSE(fs::exists(options.target.string() + ".part.json"));
  fetch(options, {});
  EXPECT_EQ(server.asked.size(), 2u) << "the file is there";
}

TEST_F(FetchTest, GoesOnInALaterCallAndBeginsAnewWhenTheSourceChanged) {
  server.cut = 20'000;
  options.rounds = 1;
  EXPECT_EQ(code_of([&] { fetch(options, {}); }), "cannot_fetch"_code);
  server.tag = "\"v2\"";
  server.content[5] = '!';
  options.sha256 = sha256_hex(server.content);
  const Fetched fetched = fetch(options, {});
  EXPECT_EQ(fetched.kept, 20'000u);
  EXPECT_EQ(text(), server.content);
}

TEST_F(FetchTest, TakesTheMirrorWhenTheFirstAddressFails) {
  options.addresses = {server.address("/absent"), server.address()};
  fetch(options, {});
  EXPECT_EQ(text(), server.content);
}

TEST_F(FetchTest, LeavesNothingOfAWrongFile) {
  options.sha256 = std::string(64, '0');
  EXPECT_EQ(code_of([&] { fetch(options, {}); }), "wrong_checksum"_code);
  EXPECT_FALSE(fs::exists(options.target));
  EXPECT_FALSE(fs::exists(options.target.string() + ".part"));
}

TEST_F(FetchTest, SaysWhatTheServerSaid) {
  options.addresses = {server.address("/absent")};
  options.rounds = 1;
  try {
    fetch(options, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("HTTP 404"), std::string::npos);
  }
  server.moved_to = "/moved";
  options.addresses = {server.address("/moved")};
  EXPECT_EQ(code_of([&] { fetch(options, {}); }), "cannot_fetch"_code) << "a circle";
}

TEST_F(FetchTest, KeepsTheKeyFromWhereKaggleRedirectsTo) {
  Server store;
  store.content = server.content;
  server.moved_to = store.address();
  folder.write("kaggle/kaggle.json", R"({"username": "me", "key": "secret"})");
  setenv("KAGGLE_CONFIG_DIR", (folder / "kaggle").c_str(), 1);
  setenv("KAGGLE_API_ENDPOINT", server.address("").c_str(), 1);
  options.addresses = {kaggle_address("me/set")};
  options.credentials = kaggle_credentials();
  fetch(options, {});
  EXPECT_EQ(text(), server.content);
  EXPECT_EQ(server.signs.front(), "Basic bWU6c2VjcmV0");
  EXPECT_EQ(store.signs.front(), "");
  fs::remove(folder / "kaggle/kaggle.json");
  EXPECT_EQ(code_of([] { kaggle_credentials(); }), "no_credentials"_code);
  unsetenv("KAGGLE_CONFIG_DIR");
  unsetenv("KAGGLE_API_ENDPOINT");
  EXPECT_EQ(code_of([] { kaggle_address("set"); }), "bad_option"_code);
}

TEST_F(FetchTest, GoesThroughTheProxyOfTheEnvironment) {
  setenv("http_proxy", server.address("").c_str(), 1);
  options.addresses = {"http://sets.example/file"};
  fetch(options, {});
  unsetenv("http_proxy");
  EXPECT_EQ(text(), server.content);
}

}  // namespace
}  // namespace thorax::datasets
