#include "track/tensorboard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "base/error.h"
#include "base/files.h"

namespace thorax::track {
namespace {

constexpr const char* kName = "events.out.tfevents.0000000000.thorax";
constexpr std::string_view kVersion = "brain.Event:2";
constexpr std::size_t kLengthBytes = 8, kCheckBytes = 4;
constexpr std::uint64_t kLongest = 1 << 20;

// Wire types of protocol buffers.
enum Wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78U : 0);
    table[i] = value;
  }
  return table;
}

template <class T>
std::string raw(T value) {
  std::string text(sizeof value, '\0');
  std::memcpy(text.data(), &value, sizeof value);
  return text;
}

std::string varint_text(std::uint64_t value) {
  std::string text;
  for (; value > 0x7F; value >>= 7) text += static_cast<char>((value & 0x7F) | 0x80);
  return text + static_cast<char>(value);
}

std::string field(std::uint32_t number, Wire wire, const std::string& value) {
  return varint_text(number << 3 | wire) + value;
}

std::string block(std::uint32_t number, std::string_view value) {
  return field(number, Wire::bytes, varint_text(value.size()) + std::string(value));
}

std::string record(const std::string& message) {
  const std::string length = raw(static_cast<std::uint64_t>(message.size()));
  return length + raw(masked_crc32c(length)) + message + raw(masked_crc32c(message));
}

std::string message_of(const Event& event) {
  std::string summary;
  for (const auto& [tag, value] : event.scalars)
    summary += block(1, block(1, tag) + field(2, Wire::fixed32, raw(value)));
  return field(1, Wire::fixed64, raw(event.wall_time)) +
         field(2, Wire::varint, varint_text(static_cast<std::uint64_t>(event.step))) +
         block(5, summary);
}

/// Takes a message apart, field by field.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool next() {
    if (text_.empty()) return false;
    const std::uint64_t key = number();
    id = static_cast<std::uint32_t>(key >> 3);
    const auto wire = static_cast<Wire>(key & 7);
    if (wire == Wire::varint)
      value = raw(number());
    else
      value = take(wire == Wire::fixed64 ? 8 : wire == Wire::fixed32 ? 4 : number());
    return true;
  }
  template <class T>
  T as() const {
    T out{};
    std::memcpy(&out, value.data(), std::min(sizeof out, value.size()));
    return out;
  }

  std::uint32_t id = 0;
  std::string value;

 private:
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (int shift = 0; shift < 64 && !text_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(take(1).front());
      out |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    return out;
  }
  std::string take(std::uint64_t count) {
    std::string part(text_.substr(0, count));
    text_.remove_prefix(part.size());
    return part;
  }

  std::string_view text_;
};

Event event_of(std::string_view message) {
  Event event;
  for (Reader field(message); field.next();) {
    if (field.id == 1) event.wall_time = field.as<double>();
    if (field.id == 2) event.step = field.as<std::int64_t>();
    if (field.id != 5) continue;
    for (Reader summary(field.value); summary.next();) {
      std::string tag;
      float scalar = 0;
      for (Reader value(summary.value); value.next();) {
        if (value.id == 1) tag = value.value;
        if (value.id == 2) scalar = value.as<float>();
      }
      event.scalars[tag] = scalar;
    }
  }
  return event;
}

/// The record at the front, taken off; nothing when it is not whole.
std::optional<std::string_view> take_record(std::string_view& text) {
  constexpr std::size_t kHead = kLengthBytes + kCheckBytes;
  if (text.size() < kHead) return {};
  std::uint64_t length = 0;
  std::memcpy(&length, text.data(), kLengthBytes);
  const auto check = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, text.data() + at, kCheckBytes);
    return value;
  };
  if (check(kLengthBytes) != masked_crc32c(text.substr(0, kLengthBytes)) || length > kLongest ||
      text.size() < kHead + length + kCheckBytes)
    return {};
  const std::string_view message = text.substr(kHead, length);
  if (check(kHead + length) != masked_crc32c(message)) return {};
  text.remove_prefix(kHead + length + kCheckBytes);
  return message;
}

[[noreturn]] void cannot_write(const std::filesystem::path& path, const std::string& detail) {
  throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", detail}});
}

void write_behind(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << text << std::flush;
  if (!file) cannot_write(path, std::strerror(errno));
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view text) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_table();
  std::uint32_t value = ~0U;
  for (const char c : text)
    value = (value >> 8) ^ kTable[(value ^ static_cast<std::uint8_t>(c)) & 0xFF];
  return std::rotr(~value, 15) + 0xA282EAD8U;
}

EventFile::EventFile(const std::filesystem::path& folder) : path_(folder / kName) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) cannot_write(folder, problem.message());
  if (!std::filesystem::exists(path_)) {
    write_behind(path_, record(field(1, Wire::fixed64, raw(0.0)) + block(3, kVersion)));
    return;
  }
  const std::string text = read_file(path_);
  std::string_view rest = text;
  while (const auto message = take_record(rest))
    last_step_ = std::max(last_step_, event_of(*message).step);
  std::filesystem::resize_file(path_, text.size() - rest.size(), problem);
  if (problem) cannot_write(path_, problem.message());
}

void EventFile::append(const Event& event) {
  write_behind(path_, record(message_of(event)));
  last_step_ = std::max(last_step_, event.step);
}

std::vector<Event> read_events(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  std::string_view rest = text;
  std::vector<Event> events;
  while (const auto message = take_record(rest)) events.push_back(event_of(*message));
  if (!events.empty()) events.erase(events.begin());
  return events;
}

}  // namespace thorax::track
