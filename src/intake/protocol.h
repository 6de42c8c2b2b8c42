// What parent and decoding child say to each other: CBOR messages, each behind its length, over a
// socket pair. Shared memory travels beside a message as a file descriptor.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "intake/limits.h"
#include "intake/series_model.h"

namespace thorax::intake {

/// Owns one end of the socket pair.
class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  ~Channel();
  Channel(Channel&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int fd() const { return fd_; }
  /// Sends a message, and a file descriptor with it when `shared` is not negative. Returns false
  /// when the other side is gone.
  bool send(const nlohmann::json& message, int shared = -1);
  /// The next message; nullopt when the other side is gone. Throws Error(decoder_protocol) for a
  /// message that is too long or no CBOR.
  std::optional<nlohmann::json> receive();
  /// File descriptor that came with the last message; the caller closes it. -1 for none.
  int take_shared() { return std::exchange(shared_, -1); }
  /// Whether receive() will find something (or the end) within the time.
  bool wait(std::chrono::milliseconds time) const;

 private:
  bool read_all(std::uint8_t* data, std::size_t size);

  int fd_;
  int shared_ = -1;
};

nlohmann::json to_json(const Notice& notice);
/// Throws Error(decoder_protocol) for an unknown code or text that is no clean UTF-8.
Notice notice_from_json(const nlohmann::json& json);

nlohmann::json to_json(const Limits& limits);
Limits limits_from_json(const nlohmann::json& json);

nlohmann::json to_json(const FileHeader& header);
/// Checks everything the child says: types, clean UTF-8, sizes against the limits. Throws
/// Error(decoder_protocol).
FileHeader header_from_json(const nlohmann::json& json, const Limits& limits);

[[noreturn]] void protocol_violated(const std::string& detail);

}  // namespace thorax::intake
