// Secrets: passwords as argon2id keeps them, and random ones that are kept as a hash only.
#pragma once

#include <string>
#include <string_view>

namespace thorax::store {

inline constexpr std::size_t kMinPassword = 10;
inline constexpr std::size_t kMaxPassword = 1024;

/// argon2id (RFC 9106) by libsodium's crypto_pwhash_str, with its interactive limits: 64 MiB, two
/// passes. Throws Error: weak_password (fewer than kMinPassword characters, or more bytes than
/// kMaxPassword), out_of_memory.
std::string hash_password(const std::string& password);

/// An empty hash costs the same time as one that does not fit, so that nobody can tell a name that
/// is not known from a wrong password.
bool password_fits(const std::string& hash, const std::string& password);

/// 256 random bits as 64 hex digits. What is stored of one is its SHA-256: nothing can be guessed
/// from that, because nothing can be guessed at all.
std::string new_secret();

/// A value that goes with a secret and does not tell it: BLAKE2b keyed with it, as hex digits.
std::string derived(std::string_view secret, std::string_view purpose);

/// Compares in a time that does not depend on where they differ.
bool same_text(std::string_view a, std::string_view b);

}  // namespace thorax::store
