#include "datasets/fetch.h"

#include <httplib.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "datasets/address.h"

namespace thorax::datasets {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kSeconds = 30, kMostRedirects = 8;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// A try that failed; another address or another try may do.
struct Failed {
  std::string detail;
};

/// The file that is being fetched, with what names its version at the source.
class Part {
 public:
  explicit Part(const fs::path& target)
      : file_(target.string() + ".part"), note_(target.string() + ".part.json") {}

  const fs::path& file() const { return file_; }
  std::uint64_t size() const { return fs::exists(file_) ? fs::file_size(file_) : 0; }
  /// Empty: what is there cannot be gone on with.
  std::string version() const {
    std::ifstream note(note_);
    const json read = json::parse(note, nullptr, /*allow_exceptions=*/false);
    return read.is_object() ? read.value("version", "") : "";
  }
  void begin(const std::string& version) const {
    remove();
    write_file(note_, json{{"version", version}}.dump() + '\n');
  }
  void remove() const {
    fs::remove(file_);
    fs::remove(note_);
  }
  void finish(const fs::path& target) const {
    fs::rename(file_, target);
    fs::remove(note_);
  }

 private:
  fs::path file_, note_;
};

/// A strong ETag, or the date of the last change.
std::string version_of(const httplib::Response& answer) {
  const std::string tag = answer.get_header_value("ETag");
  return !tag.empty() && !tag.starts_with("W/") ? tag : answer.get_header_value("Last-Modified");
}

std::uint64_t length_of(const httplib::Response& answer) {
  return std::strtoull(answer.get_header_value("Content-Length").c_str(), nullptr, 10);
}

/// One request after the other, until one of them is no redirect.
class Transfer {
 public:
  Transfer(const Part& part, const Credentials& credentials, const Progress& progress)
      : part_(part), credentials_(credentials), progress_(progress) {}

  void run(std::string address) {
    const std::string first = parse_address(address).origin;
    for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
      const auto next = ask(address, parse_address(address).origin == first);
      if (!next) return;
      address = resolved(address, *next);
    }
    throw Failed{"too many redirects"};
  }

 private:
  /// Where it redirects to, or nothing when the file is there.
  std::optional<std::string> ask(const std::string& address, bool trusted) {
    const Address parsed = parse_address(address);
    httplib::Client client(parsed.origin);
    if (!client.is_valid()) throw Failed{"no address: " + address};
    client.set_connection_timeout(kSeconds);
    client.set_read_timeout(kSeconds);
    if (const auto proxy = proxy_for(parsed, environment)) {
      client.set_proxy(proxy->host, proxy->port);
      if (!proxy->user.empty()) client.set_proxy_basic_auth(proxy->user, proxy->key);
    }
    if (trusted && !credentials_.user.empty())
      client.set_basic_auth(credentials_.user, credentials_.key);
    httplib::Headers headers;
    std::uint64_t kept = part_.size();
    const std::string version = part_.version();
    if (kept > 0 && !version.empty()) {
      headers.emplace("Range", "bytes=" + std::to_string(kept) + "-");
      headers.emplace("If-Range", version);
    }
    int status = 0;
    std::string location;
    std::uint64_t whole = 0, done = 0;
    std::ofstream file;
    const auto begin = [&](const httplib::Response& answer) {
      status = answer.status;
      location = answer.get_header_value("Location");
      if (status != 200 && status != 206) return true;
      if (status == 200) {
        kept = 0;
        part_.begin(version_of(answer));
      }
      done = kept;
      whole = kept + length_of(answer);
      file.open(part_.file(), std::ios::binary | std::ios::app);
      return static_cast<bool>(file);
    };
    const auto receive = [&](const char* data, std::size_t size) {
      if (status != 200 && status != 206) return true;
      file.write(data, static_cast<std::streamsize>(size));
      done += size;
      if (whole > 0)
        progress_.report("fetch", static_cast<double>(done) / static_cast<double>(whole));
      return static_cast<bool>(file);
    };
    const httplib::Result result = client.Get(parsed.path, headers, begin, receive);
    if (file.is_open()) {
      file.close();
      if (!file)
        throw Error("cannot_write"_code,
                    {{"path", part_.file().string()}, {"detail", std::strerror(errno)}});
    }
    if (!result) throw Failed{httplib::to_string(result.error())};
    if (status >= 300 && status < 400 && status != 304 && !location.empty()) return location;
    if (status == 416) part_.remove();  // longer than what the source has now
    if (status != 200 && status != 206) throw Failed{"HTTP " + std::to_string(status)};
    if (whole > 0 && done != whole) throw Failed{"it ended early"};
    return {};
  }

  const Part& part_;
  const Credentials& credentials_;
  const Progress& progress_;
};

}  // namespace

Fetched fetch(const FetchOptions& options, const Progress& progress) {
  if (fs::exists(options.target) && !options.sha256.empty() &&
      sha256_file(options.target) == options.sha256)
    return {options.sha256, fs::file_size(options.target), fs::file_size(options.target)};
  if (options.target.has_parent_path()) fs::create_directories(options.target.parent_path());
  const Part part(options.target);
  const std::uint64_t kept = part.size();
  std::optional<Error> last;
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t i = 0; i < options.addresses.size(); ++i) {
      const std::string& address = options.addresses[i];
      try {
        Transfer(part, i == 0 ? options.credentials : Credentials{}, progress).run(address);
      } catch (const Failed& failed) {
        last = Error("cannot_fetch"_code, {{"address", address}, {"detail", failed.detail}});
        continue;
      }
      const std::string sha256 = sha256_file(part.file());
      if (!options.sha256.empty() && sha256 != options.sha256) {
        part.remove();
        last = Error("wrong_checksum"_code,
                     {{"address", address}, {"sha256", sha256}, {"wanted", options.sha256}});
        continue;
      }
      part.finish(options.target);
      return {sha256, fs::file_size(options.target), kept};
    }
  if (last) throw Error(*last);
  throw Error("cannot_fetch"_code, {{"address", ""}, {"detail", "no address"}});
}

std::string kaggle_address(const std::string& dataset) {
  const std::size_t slash = dataset.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == dataset.size() ||
      dataset.find('/', slash + 1) != std::string::npos)
    throw Error("bad_option"_code,
                {{"option", "kaggle:"}, {"value", dataset}, {"hint", "kaggle:OWNER/NAME"}});
  const std::string own = environment("KAGGLE_API_ENDPOINT");
  return (own.empty() ? "https://www.kaggle.com" : own) + "/api/v1/datasets/download/" + dataset;
}

Credentials kaggle_credentials() {
  if (const std::string user = environment("KAGGLE_USERNAME"); !user.empty())
    return {user, environment("KAGGLE_KEY")};
  const std::string folder = environment("KAGGLE_CONFIG_DIR");
  const fs::path path =
      (folder.empty() ? fs::path(environment("HOME")) / ".kaggle" : fs::path(folder)) /
      "kaggle.json";
  std::ifstream file(path);
  const json read = json::parse(file, nullptr, /*allow_exceptions=*/false);
  Credentials found;
  if (read.is_object()) found = {read.value("username", ""), read.value("key", "")};
  if (found.user.empty() || found.key.empty())
    throw Error("no_credentials"_code, {{"path", path.string()}});
  return found;
}

}  // namespace thorax::datasets
