#include "base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <vector>

#include "base/error.h"

namespace thorax {
namespace {

constexpr std::size_t kDigestBytes = 32;

void check(bool done) {
  if (!done) throw Error("internal"_code, {{"detail", "SHA-256"}});
}

/// Looked up once: with the processor's own instructions where it has them.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> found(
      EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
  check(found != nullptr);
  return found.get();
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* state) const {
  EVP_MD_CTX_free(state);
}

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  check(state_ && EVP_DigestInit_ex2(state_.get(), algorithm(), nullptr) == 1);
}

Sha256::Sha256(const Sha256& other) : state_(EVP_MD_CTX_new()) {
  check(state_ && EVP_MD_CTX_copy_ex(state_.get(), other.state_.get()) == 1);
}

Sha256& Sha256::operator=(const Sha256& other) {
  if (this != &other) *this = Sha256(other);
  return *this;
}

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256& Sha256::update(std::string_view text) {
  return update(std::as_bytes(std::span(text)));
}

std::string Sha256::hex() const {
  const Sha256 ended(*this);
  std::array<unsigned char, kDigestBytes> digest{};
  check(EVP_DigestFinal_ex(ended.state_.get(), digest.data(), nullptr) == 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  return Sha256().update(bytes).hex();
}

std::string sha256_hex(std::string_view text) {
  return Sha256().update(text).hex();
}

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(1 << 18);
  Sha256 hash;
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
  }
  // A folder opens but its first read fails; a missing file never opens.
  if (!file.eof()) throw Error("no_such_input"_code, {{"path", path.string()}});
  return hash.hex();
}

}  // namespace thorax
