// One connection, in the clear or by TLS, whose requests have to begin in bounded time and size.
#pragma once

#include <httplib.h>

#include <chrono>
#include <memory>
#include <string>

namespace thorax::serve {

struct ConnectionLimits {
  std::size_t head_bytes = 32 << 10;  ///< of a request's line and headers together
  int head_seconds = 30;              ///< they may take
  int idle_seconds = 60;              ///< without a byte in a body, or in an answer
};

class Connection : public httplib::Stream {
 public:
  /// `tls`: null for a connection in the clear. The socket stays the caller's.
  Connection(socket_t socket, SSL_CTX* tls, const ConnectionLimits& limits);

  /// The other side's address as a number.
  const std::string& address() const { return address_; }
  /// Begins TLS; at once true without it.
  bool open();
  /// Whether something is there to read within so many seconds.
  bool wait_for_request(int seconds);
  /// A request begins: its head is held to the limits.
  void begin_head();
  /// Its head was longer than it may be. Nothing was answered.
  bool head_too_long() const { return too_long_; }
  /// The head is over, however it ended: what is written goes out again.
  void end_head() { in_head_ = too_long_ = false; }
  /// Says good-bye, so that the last answer arrives although not everything was read.
  void close();

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Free {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  bool wait(short events, Time until) const;
  bool wait_for_tls(int result, Time until) const;
  ssize_t receive(Time until);
  void follow_head(const char* bytes, std::size_t size);

  const socket_t socket_;
  const ConnectionLimits limits_;
  std::unique_ptr<SSL, Free> tls_;
  std::string address_;
  int port_ = 0;
  std::string buffer_;
  std::size_t taken_ = 0;  ///< of the buffer
  bool in_head_ = false, too_long_ = false;
  std::size_t head_bytes_ = 0, line_bytes_ = 0;
  Time head_ends_;
};

}  // namespace thorax::serve
