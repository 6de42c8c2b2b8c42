// The HTTP server with limits of its own, and TLS.
#pragma once

#include <httplib.h>

#include <map>
#include <mutex>
#include <string>

#include "base/notice.h"
#include "serve/connection.h"

namespace thorax::serve {

/// httplib's server with connections that are bounded: httplib takes heads of any length that
/// arrive at any pace, and connections of anybody as long as there are threads.
class Front : public httplib::Server {
 public:
  /// `tls`: null to speak in the clear; has to outlive this. `per_address`: connections of one
  /// machine; 0: any number.
  Front(SSL_CTX* tls, ConnectionLimits limits, int per_address);

 private:
  bool process_and_close_socket(socket_t socket) override;
  void serve(Connection& connection);
  void refuse(Connection& connection, const Notice& notice) const;
  /// Counts a connection; false when there are too many.
  bool enter(const std::string& address);
  void leave(const std::string& address);

  SSL_CTX* const tls_;
  const ConnectionLimits limits_;
  const int per_address_;
  std::mutex mutex_;
  std::map<std::string, int> connections_;  ///< by address
};

}  // namespace thorax::serve
