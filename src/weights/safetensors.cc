#include "weights/safetensors.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "weights/mapped_file.h"

namespace thorax::weights {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kLargestHeader = 100'000'000;  // what the reference reader allows
constexpr std::size_t kLengthBytes = 8;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

[[noreturn]] void bad(const std::string& name, const std::string& detail) {
  throw Error("bad_weights"_code, {{"path", name}, {"detail", detail}});
}

DType parse_type(const std::string& file, const std::string& text) {
  for (const DType type : {DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64, DType::i32,
                           DType::i16, DType::i8, DType::u8, DType::boolean})
    if (to_string(type) == text) return type;
  bad(file, "tensor type " + text + " is not known");
}

/// Numbers of the header; refuses fractions and what no 64 bits hold.
std::vector<std::int64_t> whole_numbers(const std::string& file, const std::string& key,
                                        const json& list) {
  std::vector<std::int64_t> out;
  for (const json& value : list) {
    // The library itself would compare and convert with a wrap-around.
    const bool beyond =
        value.is_number_unsigned() && std::cmp_greater(value.get<std::uint64_t>(), kLargest);
    if (!value.is_number_integer() || beyond)
      bad(file, key + " has a shape or place that is no whole number");
    out.push_back(value.get<std::int64_t>());
  }
  return out;
}

/// Bytes a tensor of this shape needs; refuses negative sides and products that overflow, those of
/// the other sides of an empty tensor too.
std::uint64_t needed_bytes(const std::string& file, const std::string& key, DType type,
                           const std::vector<std::int64_t>& shape) {
  std::uint64_t bytes = size_of(type);
  bool empty = false;
  for (const std::int64_t side : shape) {
    if (side < 0) bad(file, "a side of " + key + " is negative");
    empty = empty || side == 0;
    const auto n = static_cast<std::uint64_t>(std::max<std::int64_t>(side, 1));
    if (bytes > static_cast<std::uint64_t>(kLargest) / n)
      bad(file, key + " is larger than any file");
    bytes *= n;
  }
  return empty ? 0 : bytes;
}

struct Extent {
  std::uint64_t begin, end;
  std::string key;
};

void check_extents(const std::string& file, std::vector<Extent> extents, std::uint64_t data_size) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  std::uint64_t at = 0;
  for (const Extent& e : extents) {
    if (e.begin != at)
      bad(file, e.key + (e.begin < at ? " overlaps another tensor" : " leaves a gap"));
    at = e.end;
  }
  if (at != data_size) bad(file, "the tensors do not fill the file");
}

json parse_header(const std::string& file, std::string_view text) {
  // A key given twice would silently win over the first: refuse it while parsing.
  std::vector<std::map<std::string, bool>> keys;
  const auto watch = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.empty() &&
        !keys.back().emplace(parsed.get<std::string>(), true).second)
      bad(file, "the header names " + parsed.get<std::string>() + " twice");
    return true;
  };
  json header = json::parse(text, watch);
  if (!header.is_object()) bad(file, "the header is no object");
  return header;
}

}  // namespace

Safetensors parse_safetensors(std::span<const std::byte> file,
                              const std::shared_ptr<const void>& owner, const std::string& name) {
  if (file.size() < kLengthBytes) bad(name, "the file is shorter than its header length");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, file.data(), kLengthBytes);
  if (header_size > kLargestHeader) bad(name, "the header is larger than 100 MB");
  if (header_size > file.size() - kLengthBytes) bad(name, "the file ends inside its header");
  const std::span<const std::byte> data = file.subspan(kLengthBytes + header_size);
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kLengthBytes,
                              header_size);
  Safetensors out;
  std::vector<Extent> extents;
  try {
    const json header = parse_header(name, text);
    for (const auto& [key, value] : header.items()) {
      if (key == "__metadata__") {
        out.metadata = value.get<std::map<std::string, std::string>>();
        continue;
      }
      Tensor t;
      t.type = parse_type(name, value.at("dtype"));
      t.shape = whole_numbers(name, key, value.at("shape"));
      const std::vector<std::int64_t> offsets = whole_numbers(name, key, value.at("data_offsets"));
      if (offsets.size() != 2) bad(name, key + " has not one begin and one end");
      const std::uint64_t needed = needed_bytes(name, key, t.type, t.shape);
      if (offsets[0] < 0 || offsets[0] > offsets[1] || std::cmp_greater(offsets[1], data.size()))
        bad(name, key + " runs past the end of the file");
      const auto begin = static_cast<std::uint64_t>(offsets[0]),
                 end = static_cast<std::uint64_t>(offsets[1]);
      if (end - begin != needed) bad(name, key + " has bytes that do not fit its shape");
      t.strides = row_major_strides(t.shape);
      t.data = data.data() + begin;
      t.owner = owner;
      extents.push_back({begin, end, key});
      out.tensors.emplace(key, std::move(t));
    }
  } catch (const json::exception& problem) {
    bad(name, problem.what());
  }
  check_extents(name, std::move(extents), data.size());
  return out;
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  const MappedFile file = map_file(path);
  return parse_safetensors(file.bytes, file.owner, path.string());
}

void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata) {
  ordered_json header = ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t size = static_cast<std::uint64_t>(tensor.count()) * size_of(tensor.type);
    header[name] = {{"dtype", to_string(tensor.type)},
                    {"shape", tensor.shape},
                    {"data_offsets", {at, at + size}}};
    at += size;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data starts on eight bytes
  const std::filesystem::path temporary = path.string() + ".part";
  {
    std::ofstream file(temporary, std::ios::binary);
    const std::uint64_t length = text.size();
    file.write(reinterpret_cast<const char*>(&length), kLengthBytes);
    file << text;
    for (const auto& [name, tensor] : tensors) {
      const Tensor packed = tensor.packed();
      const auto bytes = packed.bytes();
      file.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
    }
    file.close();
    if (!file) {
      std::error_code ignored;  // the write's failure is what the user has to know
      std::filesystem::remove(temporary, ignored);
      throw Error("cannot_write"_code, {{"path", path.string()}, {"detail", std::strerror(errno)}});
    }
  }
  std::filesystem::rename(temporary, path);
}

}  // namespace thorax::weights
