// SHA-256, the one hash by which inputs, models and reports are named.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace thorax {

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
///
///     Sha256 hash;
///     hash.update(first);
///     hash.update(second);
///     std::string name = hash.hex();
class Sha256 {
 public:
  Sha256();
  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text);
  /// 64 lower-case hex digits of everything given so far; more may still follow.
  std::string hex() const;

 private:
  // Memory of libsodium's state, so that its header stays out of ours.
  static constexpr std::size_t kStateBytes = 104;
  alignas(std::uint64_t) std::array<std::byte, kStateBytes> state_;
};

std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);
/// Of a file's contents; throws Error("no_such_input"_code) when it cannot be read.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace thorax
