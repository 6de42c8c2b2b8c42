#include "learn_torch/group.h"

#define USE_C10D_GLOO  // NOLINT: the header is empty without it
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <charconv>
#include <optional>

#include "base/error.h"

namespace thorax::learn {
namespace {

using c10d::ProcessGroupGloo;
constexpr const char* kHere = "127.0.0.1";

/// One long tensor of each type instead of many short ones.
template <class Exchange>
void as_one(std::vector<at::Tensor>& tensors, const Exchange& exchange) {
  for (const at::ScalarType type : {at::kFloat, at::kLong, at::kDouble}) {
    std::vector<at::Tensor> same, flat;
    for (const at::Tensor& tensor : tensors)
      if (tensor.scalar_type() == type) {
        same.push_back(tensor);
        flat.push_back(tensor.detach().flatten());
      }
    if (same.empty()) continue;
    std::vector<at::Tensor> joined{at::cat(flat)};
    exchange(joined);
    std::int64_t at = 0;
    for (at::Tensor& tensor : same) {
      tensor.detach().copy_(joined.front().narrow(0, at, tensor.numel()).view(tensor.sizes()));
      at += tensor.numel();
    }
  }
}

[[noreturn]] void lost(const std::string& where, const std::exception& problem) {
  throw Error("no_group"_code,
              {{"meeting", where}, {"detail", std::string(problem.what()).substr(0, 200)}});
}

class GlooGroup final : public Group {
 public:
  GlooGroup(const c10::intrusive_ptr<c10d::Store>& store, const std::string& host,
            const TrainingOptions& training)
      : first_(training.process == 0), meeting_(training.meeting) {
    auto options = ProcessGroupGloo::Options::create();
    options->devices.push_back(host == kHere ? ProcessGroupGloo::createDeviceForHostname(kHere)
                                             : ProcessGroupGloo::createDefaultDevice());
    group_ =
        c10::make_intrusive<ProcessGroupGloo>(store, training.process, training.processes, options);
  }

  bool first() const override { return first_; }
  void add_up(std::vector<at::Tensor>& tensors) override {
    together(tensors, [&](std::vector<at::Tensor>& one) { group_->allreduce(one)->wait(); });
  }
  void share(std::vector<at::Tensor>& tensors) override {
    together(tensors, [&](std::vector<at::Tensor>& one) { group_->broadcast(one)->wait(); });
  }

 private:
  /// Another process that ends is an error of this one too.
  template <class Exchange>
  void together(std::vector<at::Tensor>& tensors, const Exchange& exchange) const {
    try {
      as_one(tensors, exchange);
    } catch (const std::exception& problem) {
      lost(meeting_, problem);
    }
  }

  const bool first_;
  const std::string meeting_;
  c10::intrusive_ptr<ProcessGroupGloo> group_;
};

struct Meeting {
  std::string host;
  std::uint16_t port = 0;
};

/// HOST:PORT; nothing for a file.
std::optional<Meeting> address_of(const std::string& meeting) {
  const std::size_t colon = meeting.rfind(':');
  if (colon == std::string::npos || meeting.find('/') != std::string::npos) return {};
  Meeting found{meeting.substr(0, colon), 0};
  const char* const end = meeting.data() + meeting.size();
  const auto read = std::from_chars(meeting.data() + colon + 1, end, found.port);
  if (read.ec != std::errc() || read.ptr != end || found.host.empty()) return {};
  return found;
}

}  // namespace

std::unique_ptr<Group> Group::join(const TrainingOptions& training) {
  if (training.processes == 1) return nullptr;
  const auto refuse = [](const char* option, const std::string& value, const std::string& hint) {
    throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
  };
  if (training.process >= training.processes)
    refuse("training.process", std::to_string(training.process),
           "0 … " + std::to_string(training.processes - 1));
  if (training.meeting.empty()) refuse("training.meeting", "\"\"", "HOST:PORT | /shared/file");
  try {
    if (const auto address = address_of(training.meeting)) {
      c10d::TCPStoreOptions options;
      options.port = address->port;
      options.isServer = training.process == 0;
      options.numWorkers = static_cast<std::size_t>(training.processes);
      return std::make_unique<GlooGroup>(
          c10::make_intrusive<c10d::TCPStore>(address->host, options), address->host, training);
    }
    return std::make_unique<GlooGroup>(
        c10::make_intrusive<c10d::FileStore>(training.meeting, training.processes), kHere,
        training);
  } catch (const std::exception& problem) {
    lost(training.meeting, problem);
  }
}

}  // namespace thorax::learn
