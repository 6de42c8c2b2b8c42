#include "serve/front.h"

#include <unistd.h>

#include "serve/problem.h"
#include "serve/views.h"

namespace thorax::serve {

Front::Front(SSL_CTX* tls, ConnectionLimits limits, int per_address)
    : tls_(tls), limits_(limits), per_address_(per_address) {}

bool Front::enter(const std::string& address) {
  const std::lock_guard lock(mutex_);
  int& count = connections_[address];
  if (per_address_ > 0 && count >= per_address_) return false;
  ++count;
  return true;
}

void Front::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(address);
  if (--found->second == 0) connections_.erase(found);
}

void Front::refuse(Connection& connection, const Notice& notice) const {
  const std::string body = dump(problem(notice, Language::en));
  const int status = status_of(notice.code);
  const std::string answer =
      "HTTP/1.1 " + std::to_string(status) +
      " Refused\r\nContent-Type: application/problem+json\r\nContent-Length: " +
      std::to_string(body.size()) +
      "\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Security-Policy: "
      "default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n\r\n" +
      body;
  connection.write(answer.data(), answer.size());
}

void Front::serve(Connection& connection) {
  for (std::size_t left = keep_alive_max_count_; left > 0 && svr_sock_ != INVALID_SOCKET; --left) {
    if (!connection.wait_for_request(static_cast<int>(keep_alive_timeout_sec_))) return;
    connection.begin_head();
    bool closed = false;
    const bool answered = process_request(connection, left == 1, closed, nullptr);
    if (connection.head_too_long()) {
      connection.end_head();
      return refuse(connection,
                    {"headers_too_large"_code, {{"limit", std::to_string(limits_.head_bytes)}}});
    }
    if (!answered || closed) return;
  }
}

bool Front::process_and_close_socket(socket_t socket) {
  {
    Connection connection(socket, tls_, limits_);
    const bool welcome = enter(connection.address());
    if (connection.open()) {
      if (welcome)
        serve(connection);
      else
        refuse(connection,
               {"too_many_connections"_code,
                {{"address", connection.address()}, {"count", std::to_string(per_address_)}}});
    }
    if (welcome) leave(connection.address());
    connection.close();
  }
  ::close(socket);
  return true;
}

}  // namespace thorax::serve
