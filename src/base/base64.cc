#include "base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace thorax {

std::string base64(std::span<const std::uint8_t> bytes) {
  // One more for the zero that OpenSSL puts behind it.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  // OpenSSL takes blanks around it and counts the padding as bytes.
  const auto letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (text.size() % 4 != 0 || !std::ranges::all_of(text.substr(0, text.size() - padding), letter))
    return {};
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size())) < 0)
    return {};
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace thorax
