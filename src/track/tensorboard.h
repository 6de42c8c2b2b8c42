// Scalars as TensorBoard reads them: a file of records (TFRecord), each an Event message of
// tensorflow/core/util/event.proto in the protocol buffers' wire format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thorax::track {

struct Event {
  double wall_time = 0;  ///< seconds since 1970
  std::int64_t step = 0;
  std::map<std::string, float> scalars;  ///< by tag
};

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), rotated by 15 bits and moved by 0xA282EAD8, as
/// records carry it.
std::uint32_t masked_crc32c(std::string_view bytes);

/// An event file that goes on where it ended: what follows the last whole record is cut off.
class EventFile {
 public:
  /// Makes the file in the folder, or takes up the one there. Throws Error("cannot_write"_code).
  explicit EventFile(const std::filesystem::path& folder);

  /// The highest step that the file holds; 0 for none.
  std::int64_t last_step() const { return last_step_; }
  /// Throws Error("cannot_write"_code).
  void append(const Event& event);

 private:
  std::filesystem::path path_;
  std::int64_t last_step_ = 0;
};

/// The events of an event file, as far as its records are whole; without the first one, which names
/// the version.
std::vector<Event> read_events(const std::filesystem::path& path);

}  // namespace thorax::track
