#include "serve/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace thorax::serve {
namespace {

/// Two ends of a TCP connection over the loopback interface.
struct Ends {
  int client = -1, server = -1;

  Ends() {
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&where);
    socklen_t size = sizeof where;
    if (bind(listening, address, size) != 0 || listen(listening, 1) != 0 ||
        getsockname(listening, address, &size) != 0)
      ADD_FAILURE() << "no port";
    client = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(client, address, size), 0);
    server = accept(listening, nullptr, nullptr);
    close(listening);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    close(client);
    close(server);
  }
};

// An answer is written in pieces; the second would wait for the other side's delayed ACK, some 40
// ms a request.
TEST(ConnectionTest, WhatIsWrittenIsSentAtOnce) {
  const Ends ends;
  const Connection connection(ends.server, nullptr, {});
  EXPECT_EQ(connection.address(), "127.0.0.1");
  int at_once = 0;
  socklen_t size = sizeof at_once;
  ASSERT_EQ(getsockopt(ends.server, IPPROTO_TCP, TCP_NODELAY, &at_once, &size), 0);
  EXPECT_NE(at_once, 0);
}

}  // namespace
}  // namespace thorax::serve
