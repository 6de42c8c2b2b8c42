#include "serve/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace thorax::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t kBuffer = 16 << 10;
// What is still read after an answer that came before the end of the request.
constexpr std::size_t kDrainBytes = 1 << 20;
constexpr auto kDrainTime = milliseconds(500);

void name_of(const sockaddr_storage& where, socklen_t size, std::string& ip, int& port) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&where), size, host.data(), host.size(),
                  service.data(), service.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return;
  ip = host.data();
  port = std::atoi(service.data());
}

}  // namespace

Connection::Connection(socket_t socket, SSL_CTX* tls, const ConnectionLimits& limits)
    : socket_(socket), limits_(limits) {
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL, 0) | O_NONBLOCK);
  // Without it every answer on a kept connection waits for the other side's delayed ACK.
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_storage there{};
  socklen_t size = sizeof there;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&there), &size) == 0)
    name_of(there, size, address_, port_);
  if (tls) {
    tls_.reset(SSL_new(tls));
    if (tls_) SSL_set_fd(tls_.get(), socket);
  }
}

bool Connection::wait(short events, Time until) const {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd one{socket_, events, 0};
    const int ready = poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Connection::wait_for_tls(int result, Time until) const {
  const int why = SSL_get_error(tls_.get(), result);
  if (why == SSL_ERROR_WANT_READ) return wait(POLLIN, until);
  return why == SSL_ERROR_WANT_WRITE && wait(POLLOUT, until);
}

bool Connection::open() {
  if (!tls_) return true;
  const Time until = steady_clock::now() + seconds(limits_.head_seconds);
  for (;;) {
    ERR_clear_error();
    const int result = SSL_accept(tls_.get());
    if (result == 1) return true;
    if (!wait_for_tls(result, until)) return false;
  }
}

bool Connection::wait_for_request(int count) {
  return taken_ < buffer_.size() || (tls_ && SSL_pending(tls_.get()) > 0) ||
         wait(POLLIN, steady_clock::now() + seconds(count));
}

void Connection::begin_head() {
  in_head_ = true;
  head_bytes_ = line_bytes_ = 0;
  head_ends_ = steady_clock::now() + seconds(limits_.head_seconds);
}

ssize_t Connection::receive(Time until) {
  buffer_.resize(kBuffer);
  taken_ = kBuffer;
  for (;;) {
    ssize_t count = 0;
    if (tls_) {
      ERR_clear_error();
      count = SSL_read(tls_.get(), buffer_.data(), static_cast<int>(kBuffer));
      if (count <= 0 && SSL_get_error(tls_.get(), static_cast<int>(count)) == SSL_ERROR_ZERO_RETURN)
        return 0;
      if (count <= 0 && !wait_for_tls(static_cast<int>(count), until)) return -1;
    } else {
      count = recv(socket_, buffer_.data(), kBuffer, 0);
      if (count == 0) return 0;
      const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
      if (count < 0 && (!later || !wait(POLLIN, until))) return -1;
    }
    if (count > 0) {
      buffer_.resize(static_cast<std::size_t>(count));
      taken_ = 0;
      return count;
    }
  }
}

void Connection::follow_head(const char* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size && in_head_; ++i) {
    ++head_bytes_;
    if (bytes[i] == '\n') {
      in_head_ = line_bytes_ > 0;
      line_bytes_ = 0;
    } else if (bytes[i] != '\r') {
      ++line_bytes_;
    }
  }
  too_long_ = in_head_ && head_bytes_ > limits_.head_bytes;
}

ssize_t Connection::read(char* bytes, size_t size) {
  if (too_long_) return -1;
  if (taken_ == buffer_.size()) {
    const Time idle = steady_clock::now() + seconds(limits_.idle_seconds);
    const ssize_t count = receive(in_head_ ? std::min(idle, head_ends_) : idle);
    if (count <= 0) return count;
  }
  const std::size_t given = std::min(size, buffer_.size() - taken_);
  std::memcpy(bytes, buffer_.data() + taken_, given);
  taken_ += given;
  if (in_head_) follow_head(bytes, given);
  return too_long_ ? -1 : static_cast<ssize_t>(given);
}

ssize_t Connection::write(const char* bytes, size_t size) {
  // Whoever reads requests answers a head that was cut off as if it were a bad one.
  if (too_long_) return static_cast<ssize_t>(size);
  const Time until = steady_clock::now() + seconds(limits_.idle_seconds);
  for (;;) {
    ssize_t count = 0;
    if (tls_) {
      ERR_clear_error();
      count = SSL_write(tls_.get(), bytes, static_cast<int>(std::min<std::size_t>(size, 1 << 30)));
      if (count <= 0 && !wait_for_tls(static_cast<int>(count), until)) return -1;
    } else {
      count = send(socket_, bytes, size, MSG_NOSIGNAL);
      const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
      if (count < 0 && (!later || !wait(POLLOUT, until))) return -1;
    }
    if (count > 0 || size == 0) return count;
  }
}

void Connection::close() {
  if (tls_) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
  }
  // To close while something is left to read would throw away what was sent last.
  shutdown(socket_, SHUT_WR);
  const Time until = steady_clock::now() + kDrainTime;
  std::array<char, 4096> rest{};
  for (std::size_t drained = 0; drained < kDrainBytes && wait(POLLIN, until);) {
    const ssize_t count = recv(socket_, rest.data(), rest.size(), 0);
    if (count <= 0) return;
    drained += static_cast<std::size_t>(count);
  }
}

bool Connection::is_readable() const {
  return taken_ < buffer_.size() ||
         wait(POLLIN, steady_clock::now() + seconds(limits_.idle_seconds));
}

bool Connection::is_writable() const {
  return wait(POLLOUT, steady_clock::now() + seconds(limits_.idle_seconds));
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = address_;
  port = port_;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage here{};
  socklen_t size = sizeof here;
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size) == 0)
    name_of(here, size, ip, port);
}

}  // namespace thorax::serve
