#include "intake/child_main.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/hash.h"
#include "base/parallel.h"
#include "intake/child_decode.h"
#include "intake/child_index.h"
#include "intake/dicom_codec.h"
#include "intake/protocol.h"
#include "intake/sandbox.h"

namespace thorax::intake {
namespace {

constexpr std::size_t kEntriesPerMessage = 64;

/// Memory that the parent made and sealed.
class Mapping {
 public:
  Mapping(int fd, std::size_t size) : size_(size) {
    data_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (data_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~Mapping() { munmap(data_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  template <class T>
  std::span<T> part(std::size_t offset, std::size_t count) const {
    return {reinterpret_cast<T*>(static_cast<std::uint8_t*>(data_) + offset), count};
  }

 private:
  void* data_;
  std::size_t size_;
};

class Server {
 public:
  explicit Server(int fd) : channel_(fd) {}

  /// Answers requests until the parent is gone.
  void run() {
    while (const std::optional<nlohmann::json> request = channel_.receive()) {
      nlohmann::json answer;
      try {
        answer = serve(*request);
      } catch (const Error& error) {
        answer = {{"error", to_json(error.notice())}};
      } catch (const std::bad_alloc& error) {
        answer = {
            {"error", to_json(Notice{"decoder_out_of_memory"_code,
                                     {{"limit", std::to_string(limits_.child_memory_bytes)}}})}};
      }
      if (!channel_.send(answer)) return;
    }
  }

 private:
  nlohmann::json serve(const nlohmann::json& request) {
    const auto what = request.at("do").get<std::string>();
    if (what == "open") return open(request);
    if (what == "volume") return volume(request);
    if (what == "image") return image(request);
    return hash(request);
  }

  void report(double fraction) {
    // A parent that has gone makes every later message fail as well.
    if (!channel_.send({{"progress", fraction}})) std::_Exit(EXIT_FAILURE);
  }

  nlohmann::json open(const nlohmann::json& request) {
    const Mapping memory(channel_.take_shared(), Journal::size());
    const IndexPlan plan = index_plan_from_json(request.at("plan"));
    limits_ = limits_from_json(request.at("limits"));
    const auto path = request.at("path").get<std::string>();
    set_thread_count(request.at("threads").get<int>());
    register_codecs();
    const Sha256 first;  // in here no configuration can be read any more
#ifndef THORAX_COVERAGE  // what was counted is written into files when the process ends
    enter_sandbox(limits_, path);
#endif
    entries_ = index_source(
        path, limits_, [this](double f) { report(f); }, plan,
        Journal(memory.part<std::byte>(0, Journal::size()).data()));
    nlohmann::json batch = nlohmann::json::array();
    for (const IndexedEntry& entry : entries_) {
      nlohmann::json item = {{"path", entry.entry.path},
                             {"size", entry.entry.size},
                             {"content", static_cast<int>(entry.content)}};
      if (const auto* header = std::get_if<FileHeader>(&entry.what)) {
        item["header"] = to_json(*header);
      } else {
        item["aside"] = to_json(std::get<Notice>(entry.what));
      }
      batch.push_back(std::move(item));
      if (batch.size() < kEntriesPerMessage) continue;
      channel_.send({{"entries", std::move(batch)}, {"more", true}});
      batch = nlohmann::json::array();
    }
    return {{"entries", std::move(batch)}};
  }

  nlohmann::json volume(const nlohmann::json& request) {
    const int rows = request.at("rows").get<int>(), columns = request.at("columns").get<int>();
    std::vector<EntryFrame> frames;
    for (const nlohmann::json& f : request.at("frames"))
      frames.push_back({f.at(0).get<std::size_t>(), f.at(1).get<int>()});
    const std::size_t voxels =
        frames.size() * static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    const Mapping memory(channel_.take_shared(), 3 * voxels);
    const DecodedVolume decoded = decode_volume(
        entries_, limits_, frames, rows, columns, memory.part<std::int16_t>(0, voxels),
        memory.part<std::uint8_t>(2 * voxels, voxels), [this](double f) { report(f); });
    return {{"outside", decoded.has_outside}, {"notices", list_of(decoded.notices)}};
  }

  nlohmann::json image(const nlohmann::json& request) {
    const auto count = request.at("count").get<std::size_t>();
    const Mapping memory(channel_.take_shared(), count * sizeof(float));
    const EntryFrame frame{request.at("entry").get<std::size_t>(), request.at("frame").get<int>()};
    return {
        {"notices", list_of(decode_image(entries_, limits_, frame, memory.part<float>(0, count)))}};
  }

  nlohmann::json hash(const nlohmann::json& request) {
    const auto wanted = request.at("entries").get<std::vector<std::size_t>>();
    std::vector<std::string> sums(wanted.size());
    Store(entries_, limits_).visit(wanted, [&](std::size_t k, const Bytes& bytes) {
      sums[k] = sha256_hex(std::as_bytes(bytes.span()));
    });
    Sha256 all;
    for (const std::string& sum : sums) all.update(sum);
    return {{"hash", all.hex()}};
  }

  static nlohmann::json list_of(const std::vector<Notice>& notices) {
    nlohmann::json list = nlohmann::json::array();
    for (const Notice& notice : notices) list.push_back(to_json(notice));
    return list;
  }

  Channel channel_;
  Limits limits_;
  std::vector<IndexedEntry> entries_;
};

}  // namespace

int decode_child_main(int fd) {
  std::setlocale(LC_ALL, "C.UTF-8");
  // Ctrl-C reaches the whole process group; the parent decides what it means.
  signal(SIGINT, SIG_IGN);
  try {
    Server(fd).run();
  } catch (const std::exception& error) {
    return EXIT_FAILURE;  // the parent reports the death
  }
  return EXIT_SUCCESS;
}

bool run_decode_child(int argc, char** argv, int& exit_status) {
  if (argc != 3 || std::strcmp(argv[1], kDecodeChildCommand) != 0) return false;
  exit_status = decode_child_main(std::atoi(argv[2]));
  return true;
}

}  // namespace thorax::intake
