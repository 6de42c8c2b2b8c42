#include "support/npy.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>

namespace thorax::golden {
namespace {

template <class T>
std::vector<double> values_as(const std::string& bytes, std::size_t from, std::size_t count) {
  if (bytes.size() < from + count * sizeof(T)) throw std::runtime_error("the file is too short");
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + from + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(value);
  }
  return values;
}

}  // namespace

Array read_npy(const std::filesystem::path& path) try {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("no such file");
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  constexpr std::size_t kPrefix = 10;  // magic, version, length of the header
  if (bytes.size() < kPrefix || bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0) {
    throw std::runtime_error("no .npy of version 1");
  }
  const std::size_t header_length = static_cast<unsigned char>(bytes[8]) +
                                    std::size_t{256} * static_cast<unsigned char>(bytes[9]);
  const std::string header = bytes.substr(kPrefix, header_length);
  static const std::regex pattern(
      R"('descr': '([<|]\w\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\))");
  std::smatch match;
  if (!std::regex_search(header, match, pattern)) throw std::runtime_error("header " + header);

  Array array;
  std::size_t count = 1;
  static const std::regex number(R"(\d+)");
  const std::string shape = match[2];
  for (std::sregex_iterator it(shape.begin(), shape.end(), number), end; it != end; ++it) {
    array.shape.push_back(std::stoll(it->str()));
    count *= static_cast<std::size_t>(array.shape.back());
  }
  const std::string type = match[1];
  const std::size_t from = kPrefix + header_length;
  if (type == "<f4") array.values = values_as<float>(bytes, from, count);
  if (type == "<f8") array.values = values_as<double>(bytes, from, count);
  if (type == "<i2") array.values = values_as<std::int16_t>(bytes, from, count);
  if (type == "<i4") array.values = values_as<std::int32_t>(bytes, from, count);
  if (type == "<i8") array.values = values_as<std::int64_t>(bytes, from, count);
  if (type == "|u1" || type == "|b1") array.values = values_as<std::uint8_t>(bytes, from, count);
  if (array.values.size() != count) throw std::runtime_error("type " + type);
  return array;
} catch (const std::exception& error) {
  throw std::runtime_error(path.string() + ": " + error.what());
}

}  // namespace thorax::golden
