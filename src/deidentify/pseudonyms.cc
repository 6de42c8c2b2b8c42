#include "deidentify/pseudonyms.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"

namespace thorax::deidentify {
namespace {

constexpr std::string_view kStandardRoot = "1.2.840.10008.";
constexpr int kMostDays = 3650;
constexpr std::size_t kDateLength = 8;

/// A number of 32 hex digits in decimal.
std::string decimal(std::string_view hex) {
  std::string digits = "0";
  for (const char c : hex) {
    int carry = c <= '9' ? c - '0' : c - 'a' + 10;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
      const int value = (*digit - '0') * 16 + carry;
      *digit = static_cast<char>('0' + value % 10);
      carry = value / 10;
    }
    for (; carry > 0; carry /= 10)
      digits.insert(digits.begin(), static_cast<char>('0' + carry % 10));
  }
  return digits;
}

int number(std::string_view digits) {
  int value = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

}  // namespace

std::string Pseudonyms::digest(const char* kind, const std::string& what) const {
  return sha256_hex(std::string_view(key_ + '\n' + kind + '\n' + what));
}

std::string Pseudonyms::uid(const std::string& original) const {
  if (original.empty() || original.starts_with(kStandardRoot)) return original;
  std::string hex = digest("uid", original).substr(0, 32);
  // RFC 9562: version 8 (of one's own making), variant 10.
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<std::size_t>(hex[16]) % 4];
  return "2.25." + decimal(hex);
}

std::string Pseudonyms::patient(const std::string& id) const {
  return "P-" + digest("patient", id).substr(0, 12);
}

int Pseudonyms::days(const std::string& patient_id) const {
  const std::string hex = digest("days", patient_id).substr(0, 8);
  std::uint32_t value = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  return 1 + static_cast<int>(value % kMostDays);
}

std::string Pseudonyms::shifted(const std::string& date, int days) {
  using namespace std::chrono;
  if (date.size() < kDateLength) return {};
  const std::string_view text = date;
  const year_month_day day{year(number(text.substr(0, 4))),
                           month(static_cast<unsigned>(number(text.substr(4, 2)))),
                           std::chrono::day(static_cast<unsigned>(number(text.substr(6, 2))))};
  if (!day.ok() || number(text.substr(0, 4)) < 0) return {};
  const year_month_day moved = sys_days(day) - std::chrono::days(days);
  std::array<char, 16> out{};
  std::snprintf(out.data(), out.size(), "%04d%02u%02u", static_cast<int>(moved.year()),
                static_cast<unsigned>(moved.month()), static_cast<unsigned>(moved.day()));
  return out.data() + date.substr(kDateLength);
}

std::string read_key(const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  if (!fs::exists(file)) {
    // Nobody else may read it at any moment.
    const NewFile made(file);
    const mode_t mask = umask(077);
    write_file(made.path(), new_key() + '\n');
    umask(mask);
    std::error_code taken;
    fs::create_hard_link(made.path(), file, taken);  // of two who make it at once, the first wins
    if (taken && !fs::exists(file))
      throw Error("cannot_write"_code, {{"path", file.string()}, {"detail", taken.message()}});
  }
  std::ifstream stream(file);
  std::string key;
  if (!std::getline(stream, key) || key.empty())
    throw Error("no_such_input"_code, {{"path", file.string()}});
  return key;
}

std::string new_key() {
  std::array<unsigned char, 32> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error("internal"_code, {{"detail", "no source of random numbers"}});
  std::string key;
  for (const unsigned char byte : bytes) {
    constexpr char kHex[] = "0123456789abcdef";
    key += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return key;
}

}  // namespace thorax::deidentify
