#include "store/ids.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/error.h"

namespace thorax::store {
namespace {

constexpr std::size_t kTimeBytes = 6;
constexpr std::size_t kBytes = 12;

}  // namespace

std::string new_id() {
  static const int ready = sodium_init();
  if (ready < 0) throw Error("internal"_code, {{"detail", "no source of random numbers"}});
  std::array<unsigned char, kBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  auto time = static_cast<std::uint64_t>(now_ms());
  for (std::size_t i = kTimeBytes; i-- > 0; time >>= 8)
    bytes[i] = static_cast<unsigned char>(time & 0xff);
  std::array<char, 2 * kBytes + 1> text{};
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

bool is_id(std::string_view text) {
  return text.size() == 2 * kBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace thorax::store
