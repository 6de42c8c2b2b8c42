// The service's certificate.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace thorax::serve {

/// What connections begin TLS (1.2 or 1.3) with.
class Tls {
 public:
  /// Reads both PEM files. `now_ms`: Unix milliseconds. Throws Error: tls_file_unusable,
  /// tls_mismatch, tls_not_valid_now.
  Tls(const std::string& certificate, const std::string& key, std::int64_t now_ms);

  SSL_CTX* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace thorax::serve
