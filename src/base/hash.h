// SHA-256, the one hash by which inputs, models and reports are named.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX, whose header stays out of ours

namespace thorax {

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
///
///     Sha256 hash;
///     hash.update(first);
///     hash.update(second);
///     std::string name = hash.hex();
class Sha256 {
 public:
  /// The first one of a process reads OpenSSL's configuration; later ones touch memory alone.
  Sha256();
  Sha256(const Sha256& other);
  Sha256& operator=(const Sha256& other);
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256&&) noexcept = default;
  ~Sha256() = default;

  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text);
  /// 64 lower-case hex digits of everything given so far; more may still follow.
  std::string hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* state) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> state_;
};

std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);
/// Of a file's contents; throws Error("no_such_input"_code) when it cannot be read.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace thorax
