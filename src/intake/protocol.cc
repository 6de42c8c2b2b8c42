#include "intake/protocol.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "intake/child_text.h"

namespace thorax::intake {
namespace {

constexpr std::uint32_t kMaxMessage = 64u << 20;
constexpr int kMaxNesting = 8;

/// The CBOR parser calls itself for each level of nesting (RFC 8949 3); its input must not decide
/// how deep.
class NestingCheck : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= kMaxNesting; }
  bool end_object() override { return --depth_ >= 0; }
  bool start_array(std::size_t) override { return ++depth_ <= kMaxNesting; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  int depth_ = 0;
};

}  // namespace

void protocol_violated(const std::string& detail) {
  throw Error("decoder_protocol"_code, {{"detail", detail}});
}

Channel::~Channel() {
  if (fd_ >= 0) close(fd_);
  if (shared_ >= 0) close(shared_);
}

bool Channel::send(const nlohmann::json& message, int shared) {
  std::vector<std::uint8_t> bytes(4);
  nlohmann::json::to_cbor(message, bytes);
  const auto length = static_cast<std::uint32_t>(bytes.size() - 4);
  std::memcpy(bytes.data(), &length, 4);

  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  for (std::size_t sent = 0; sent < bytes.size();) {
    iovec part{bytes.data() + sent, bytes.size() - sent};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (shared >= 0 && sent == 0) {
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      cmsghdr* c = CMSG_FIRSTHDR(&header);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(c), &shared, sizeof(int));
    }
    const ssize_t count = sendmsg(fd_, &header, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool Channel::read_all(std::uint8_t* data, std::size_t size) {
  while (size > 0) {
    iovec part{data, size};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t count = recvmsg(fd_, &header, MSG_CMSG_CLOEXEC);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      if (shared_ >= 0) close(shared_);
      std::memcpy(&shared_, CMSG_DATA(c), sizeof(int));
    }
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<nlohmann::json> Channel::receive() {
  std::uint32_t length = 0;
  std::array<std::uint8_t, 4> raw{};
  if (!read_all(raw.data(), raw.size())) return std::nullopt;
  std::memcpy(&length, raw.data(), 4);
  if (length > kMaxMessage) protocol_violated("message too long");
  std::vector<std::uint8_t> bytes(length);
  if (!read_all(bytes.data(), bytes.size())) return std::nullopt;
  NestingCheck nesting;
  if (!nlohmann::json::sax_parse(bytes, &nesting, nlohmann::json::input_format_t::cbor))
    protocol_violated("no message");
  nlohmann::json message = nlohmann::json::from_cbor(bytes, true, false);
  if (!message.is_object()) protocol_violated("no message");
  return message;
}

bool Channel::wait(std::chrono::milliseconds time) const {
  pollfd p{fd_, POLLIN, 0};
  return poll(&p, 1, static_cast<int>(time.count())) > 0;
}

nlohmann::json to_json(const Notice& notice) {
  return {{"code", notice.id()}, {"args", notice.args}};
}

Notice notice_from_json(const nlohmann::json& json) {
  try {
    Notice notice{parse_code(json.at("code").get<std::string>()), {}};
    for (const auto& [key, value] : json.at("args").items()) {
      const auto text = value.get<std::string>();
      if (!is_clean_utf8(key) || !is_clean_utf8(text) || text.size() > 8192)
        protocol_violated("notice");
      notice.args[key] = text;
    }
    return notice;
  } catch (const nlohmann::json::exception& error) {
    protocol_violated(error.what());
  }
}

}  // namespace thorax::intake
