#include "serve/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>

#include "base/error.h"

namespace thorax::serve {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* held) const {
    kFree(held);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Input = std::unique_ptr<BIO, Freed<BIO_free>>;

/// Throws with what OpenSSL complained about last.
[[noreturn]] void unusable(const std::string& path) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  throw Error("tls_file_unusable"_code, {{"path", path}, {"detail", text.data()}});
}

Input opened(const std::string& path) {
  Input input(BIO_new_file(path.c_str(), "r"));
  if (!input) unusable(path);
  return input;
}

/// A key with a password is not asked for one: nobody sits at a service.
int no_password(char*, int, int, void*) {
  return 0;
}

std::string date(const ASN1_TIME* time) {
  std::tm utc{};
  std::array<char, 16> text{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return "?";
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &utc);
  return text.data();
}

}  // namespace

Tls::Tls(const std::string& certificate, const std::string& key, std::int64_t now_ms)
    : context_(SSL_CTX_new(TLS_server_method())) {
  const Certificate own(
      PEM_read_bio_X509(opened(certificate).get(), nullptr, no_password, nullptr));
  if (!own) unusable(certificate);
  const Key its(PEM_read_bio_PrivateKey(opened(key).get(), nullptr, no_password, nullptr));
  if (!its) unusable(key);
  if (X509_check_private_key(own.get(), its.get()) != 1) {
    ERR_clear_error();
    throw Error("tls_mismatch"_code, {{"key", key}, {"certificate", certificate}});
  }
  const ASN1_TIME* from = X509_get0_notBefore(own.get());
  const ASN1_TIME* to = X509_get0_notAfter(own.get());
  std::time_t now = now_ms / 1000;
  if (X509_cmp_time(from, &now) > 0 || X509_cmp_time(to, &now) < 0)
    throw Error("tls_not_valid_now"_code,
                {{"path", certificate}, {"from", date(from)}, {"to", date(to)}});
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // What is not sent whole may be sent again from another place in memory.
  SSL_CTX_set_mode(context_.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str()) != 1)
    unusable(certificate);
  if (SSL_CTX_use_PrivateKey(context_.get(), its.get()) != 1) unusable(key);
}

}  // namespace thorax::serve
