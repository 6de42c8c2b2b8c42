#include "base/hash.h"

#include <sodium/crypto_hash_sha256.h>

#include <cstring>
#include <fstream>
#include <vector>

#include "base/error.h"

namespace thorax {
namespace {

using State = crypto_hash_sha256_state;

const unsigned char* as_unsigned(const void* bytes) {
  return static_cast<const unsigned char*>(bytes);
}

}  // namespace

Sha256::Sha256() : state_{} {
  static_assert(sizeof(State) == kStateBytes && alignof(State) <= alignof(std::uint64_t));
  State state;
  crypto_hash_sha256_init(&state);
  std::memcpy(state_.data(), &state, sizeof(state));
}

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  State state;
  std::memcpy(&state, state_.data(), sizeof(state));
  crypto_hash_sha256_update(&state, as_unsigned(bytes.data()), bytes.size());
  std::memcpy(state_.data(), &state, sizeof(state));
  return *this;
}

Sha256& Sha256::update(std::string_view text) {
  return update(std::as_bytes(std::span(text)));
}

std::string Sha256::hex() const {
  State state;
  std::memcpy(&state, state_.data(), sizeof(state));
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
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
