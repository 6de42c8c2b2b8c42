#include "store/secrets.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace thorax::store {
namespace {

constexpr std::size_t kSecretBytes = 32;

void require_sodium() {
  static const int ready = sodium_init();
  if (ready < 0) throw Error("internal"_code, {{"detail", "no source of random numbers"}});
}

std::string hex(const unsigned char* bytes, std::size_t count) {
  std::string text(2 * count + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, count);
  text.pop_back();
  return text;
}

/// Characters of UTF-8 text.
std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string hashed(const std::string& password) {
  require_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    throw Error("out_of_memory"_code);
  return text.data();
}

}  // namespace

std::string hash_password(const std::string& password) {
  if (length(password) < kMinPassword || password.size() > kMaxPassword)
    throw Error("weak_password"_code,
                {{"low", std::to_string(kMinPassword)}, {"high", std::to_string(kMaxPassword)}});
  return hashed(password);
}

bool password_fits(const std::string& hash, const std::string& password) {
  static const std::string nobodys = hashed(new_secret());
  const std::string& wanted = hash.empty() ? nobodys : hash;
  const bool fits = password.size() <= kMaxPassword &&
                    crypto_pwhash_str_verify(wanted.c_str(), password.data(), password.size()) == 0;
  return fits && !hash.empty();
}

std::string new_secret() {
  require_sodium();
  std::array<unsigned char, kSecretBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return hex(bytes.data(), bytes.size());
}

std::string derived(std::string_view secret, std::string_view purpose) {
  require_sodium();
  std::array<unsigned char, kSecretBytes> bytes{};
  crypto_generichash(bytes.data(), bytes.size(),
                     reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()),
                     std::min<std::size_t>(secret.size(), crypto_generichash_KEYBYTES_MAX));
  return hex(bytes.data(), bytes.size());
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace thorax::store
