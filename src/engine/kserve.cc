#include "engine/kserve.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.h"

namespace thorax::engine::kserve {
namespace {

using nlohmann::json;
using weights::DType;

struct TypeName {
  DType type;
  std::string_view name;
};
constexpr TypeName kTypes[] = {
    {DType::f64, "FP64"},  {DType::f32, "FP32"},    {DType::f16, "FP16"},  {DType::bf16, "BF16"},
    {DType::i64, "INT64"}, {DType::i32, "INT32"},   {DType::i16, "INT16"}, {DType::i8, "INT8"},
    {DType::u8, "UINT8"},  {DType::boolean, "BOOL"}};

[[noreturn]] void refuse(const std::string& detail) {
  throw Error("bad_tensors"_code, {{"detail", detail}});
}

DType type_of(const std::string& name) {
  for (const TypeName& known : kTypes)
    if (known.name == name) return known.type;
  refuse("datatype " + name + " is not known");
}

std::vector<std::int64_t> shape_of(const json& sides) {
  std::vector<std::int64_t> shape;
  for (const json& side : sides) {
    if (!side.is_number_integer()) refuse("a shape holds what is no whole number");
    shape.push_back(side.get<std::int64_t>());
  }
  return shape;
}

/// Number of elements of a tensor that is there; refuses what no memory holds.
std::size_t element_count(const std::string& name, const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  std::int64_t count = 1;
  for (const std::int64_t side : shape) {
    if (side < 0 || (side > 0 && count > kMost / side)) refuse("the shape of " + name);
    count *= side;
  }
  return static_cast<std::size_t>(count);
}

template <class T>
void put(std::vector<std::byte>& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class T>
void put_integer(const std::string& name, const json& value, std::vector<std::byte>& bytes) {
  if (!value.is_number_integer()) refuse(name + " holds what is no whole number");
  const auto whole = value.get<std::int64_t>();
  if (!std::in_range<T>(whole)) refuse(name + " holds a number that its datatype cannot");
  put(bytes, static_cast<T>(whole));
}

void put_value(const std::string& name, DType type, const json& value,
               std::vector<std::byte>& bytes) {
  switch (type) {
    case DType::f64:
    case DType::f32:
      if (!value.is_number()) refuse(name + " holds what is no number");
      if (type == DType::f64)
        put(bytes, value.get<double>());
      else
        put(bytes, value.get<float>());
      return;
    case DType::i64:
      return put_integer<std::int64_t>(name, value, bytes);
    case DType::i32:
      return put_integer<std::int32_t>(name, value, bytes);
    case DType::i16:
      return put_integer<std::int16_t>(name, value, bytes);
    case DType::i8:
      return put_integer<std::int8_t>(name, value, bytes);
    case DType::u8:
      return put_integer<std::uint8_t>(name, value, bytes);
    case DType::boolean:
      if (!value.is_boolean()) refuse(name + " holds what is neither true nor false");
      return put(bytes, static_cast<std::uint8_t>(value.get<bool>()));
    case DType::f16:
    case DType::bf16:
      refuse(name + " is of half precision, which comes as bytes only");
  }
}

/// Lists may be nested as deep as the shape is, or flat.
void put_values(const std::string& name, DType type, const json& value, std::size_t depth,
                std::size_t limit, std::vector<std::byte>& bytes) {
  if (!value.is_array()) return put_value(name, type, value, bytes);
  if (depth == 0) refuse(name + " is nested deeper than its shape");
  for (const json& part : value) {
    put_values(name, type, part, depth - 1, limit, bytes);
    if (bytes.size() > limit) refuse(name + " holds more values than its shape");
  }
}

Tensor from_json(const std::string& name, DType type, std::vector<std::int64_t> shape,
                 const json& data) {
  const std::size_t count = element_count(name, shape);
  const std::size_t wanted = count * size_of(type);
  std::vector<std::byte> bytes;
  put_values(name, type, data, std::max<std::size_t>(1, shape.size()), wanted, bytes);
  if (bytes.size() != wanted) refuse(name + " holds fewer values than its shape");
  return make_tensor(type, std::move(shape), std::move(bytes));
}

template <class T>
void list_values(std::span<const std::byte> bytes, json& out) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    if constexpr (std::is_floating_point_v<T>)
      if (!std::isfinite(value)) refuse("a value that is not finite has no JSON; ask for bytes");
    out.push_back(value);
  }
}

json to_json(const NamedTensor& named) {
  const Tensor packed = named.tensor.packed();
  json out = json::array();
  switch (packed.type) {
    case DType::f64:
      list_values<double>(packed.bytes(), out);
      break;
    case DType::f32:
      list_values<float>(packed.bytes(), out);
      break;
    case DType::i64:
      list_values<std::int64_t>(packed.bytes(), out);
      break;
    case DType::i32:
      list_values<std::int32_t>(packed.bytes(), out);
      break;
    case DType::i16:
      list_values<std::int16_t>(packed.bytes(), out);
      break;
    case DType::i8:
      list_values<std::int8_t>(packed.bytes(), out);
      break;
    case DType::u8:
      list_values<std::uint8_t>(packed.bytes(), out);
      break;
    case DType::boolean:
      for (const std::byte value : packed.bytes()) out.push_back(value != std::byte{0});
      break;
    case DType::f16:
    case DType::bf16:
      refuse(named.name + " is of half precision; ask for bytes");
  }
  return out;
}

/// The tensor as an entry of "inputs" or "outputs"; its bytes go behind the JSON when `binary`.
json entry(const NamedTensor& named, bool binary, std::vector<Tensor>& tail) {
  json out{{"name", named.name},
           {"datatype", datatype(named.tensor.type)},
           {"shape", named.tensor.shape}};
  if (!binary) {
    out["data"] = to_json(named);
    return out;
  }
  tail.push_back(named.tensor.packed());
  out["parameters"] = {{"binary_data_size", tail.back().bytes().size()}};
  return out;
}

/// A body's JSON and what follows it.
struct Parts {
  json head;
  std::string_view tail;
};

Parts split(std::string_view body, std::size_t json_bytes) {
  if (json_bytes > body.size()) refuse(std::string(kLengthHeader) + " is larger than the body");
  const std::size_t length = json_bytes == 0 ? body.size() : json_bytes;
  Parts parts{json::parse(body.substr(0, length), nullptr, false), body.substr(length)};
  if (!parts.head.is_object()) refuse("the JSON cannot be read");
  return parts;
}

const json& at(const json& object, const char* key) {
  if (!object.is_object() || !object.contains(key))
    refuse(std::string("\"") + key + "\" is missing");
  return object.at(key);
}

std::string text_at(const json& object, const char* key) {
  const json& value = at(object, key);
  if (!value.is_string()) refuse(std::string("\"") + key + "\" is no text");
  return value;
}

json parameter(const json& object, const char* key) {
  if (!object.is_object() || !object.contains("parameters")) return {};
  const json& parameters = object.at("parameters");
  return parameters.is_object() ? parameters.value(key, json()) : json();
}

bool flag(const json& object, const char* key) {
  const json value = parameter(object, key);
  return value.is_boolean() && value.get<bool>();
}

/// Takes the entries of "inputs" or "outputs"; bytes are taken off the tail in their order.
std::vector<NamedTensor> tensors(const json& entries, std::string_view tail) {
  if (!entries.is_array()) refuse("the tensors are no list");
  std::vector<NamedTensor> out;
  for (const json& each : entries) {
    const std::string name = text_at(each, "name");
    const DType type = type_of(text_at(each, "datatype"));
    std::vector<std::int64_t> shape = shape_of(at(each, "shape"));
    const json size = parameter(each, "binary_data_size");
    if (size.is_null()) {
      out.push_back({name, from_json(name, type, std::move(shape), at(each, "data"))});
      continue;
    }
    const std::size_t wanted = element_count(name, shape) * size_of(type);
    if (!size.is_number_unsigned() || size.get<std::size_t>() != wanted || wanted > tail.size())
      refuse("binary_data_size of " + name + " does not fit its shape or the body");
    const auto bytes = std::as_bytes(std::span(tail.substr(0, wanted)));
    out.push_back({name, make_tensor(type, std::move(shape), {bytes.begin(), bytes.end()})});
    tail.remove_prefix(wanted);
  }
  if (!tail.empty()) refuse("bytes are left over behind the last tensor");
  return out;
}

json infos_json(const std::vector<weights::TensorInfo>& infos) {
  json out = json::array();
  for (const weights::TensorInfo& info : infos)
    out.push_back({{"name", info.name}, {"datatype", datatype(info.type)}, {"shape", info.shape}});
  return out;
}

std::vector<weights::TensorInfo> infos(const json& entries) {
  if (!entries.is_array()) refuse("the tensors are no list");
  std::vector<weights::TensorInfo> out;
  for (const json& each : entries)
    out.push_back(
        {text_at(each, "name"), type_of(text_at(each, "datatype")), shape_of(at(each, "shape"))});
  return out;
}

}  // namespace

std::size_t Body::bytes() const {
  std::size_t sum = json.size();
  for (const Tensor& tensor : tensors) sum += tensor.bytes().size();
  return sum;
}

std::string_view datatype(DType type) {
  for (const TypeName& known : kTypes)
    if (known.type == type) return known.name;
  throw Error("internal"_code, {{"detail", "a tensor type without a datatype"}});
}

Body encode_request(const InferRequest& request) {
  Body body;
  json head{{"parameters", {{"binary_data_output", true}}}, {"inputs", json::array()}};
  if (!request.id.empty()) head["id"] = request.id;
  if (!request.function.empty()) head["parameters"]["function"] = request.function;
  for (const NamedTensor& input : request.inputs)
    head["inputs"].push_back(entry(input, true, body.tensors));
  for (const WantedOutput& output : request.outputs)
    head["outputs"].push_back({{"name", output.name}, {"parameters", {{"binary_data", true}}}});
  body.json = head.dump();
  return body;
}

InferRequest decode_request(std::string_view body, std::size_t json_bytes) {
  const Parts parts = split(body, json_bytes);
  InferRequest request;
  if (parts.head.contains("id")) request.id = text_at(parts.head, "id");
  if (const json function = parameter(parts.head, "function"); function.is_string())
    request.function = function;
  request.binary = flag(parts.head, "binary_data_output");
  request.inputs = tensors(at(parts.head, "inputs"), parts.tail);
  if (parts.head.contains("outputs")) {
    const json& outputs = parts.head.at("outputs");
    if (!outputs.is_array()) refuse("\"outputs\" is no list");
    for (const json& output : outputs)
      request.outputs.push_back({text_at(output, "name"), parameter(output, "binary_data").is_null()
                                                              ? request.binary
                                                              : flag(output, "binary_data")});
  }
  return request;
}

Body encode_answer(const InferAnswer& answer, const std::vector<bool>& binary) {
  Body body;
  json head{
      {"model_name", answer.model}, {"model_version", answer.version}, {"outputs", json::array()}};
  if (!answer.id.empty()) head["id"] = answer.id;
  for (std::size_t i = 0; i < answer.outputs.size(); ++i)
    head["outputs"].push_back(entry(answer.outputs[i], binary.at(i), body.tensors));
  body.json = head.dump();
  return body;
}

InferAnswer decode_answer(std::string_view body, std::size_t json_bytes) {
  const Parts parts = split(body, json_bytes);
  InferAnswer answer;
  if (parts.head.contains("id")) answer.id = text_at(parts.head, "id");
  answer.model = text_at(parts.head, "model_name");
  if (parts.head.contains("model_version")) answer.version = text_at(parts.head, "model_version");
  answer.outputs = tensors(at(parts.head, "outputs"), parts.tail);
  return answer;
}

json metadata(const std::string& name, const std::string& version, const Description& description) {
  json listed = json::array();
  for (const FunctionInfo& function : description.functions)
    listed.push_back({{"name", function.name},
                      {"inputs", infos_json(function.inputs)},
                      {"outputs", infos_json(function.outputs)}});
  const FunctionInfo& first = description.function({});
  return {{"name", name},
          {"versions", {version}},
          {"platform", "thorax_" + description.engine},
          {"inputs", infos_json(first.inputs)},
          {"outputs", infos_json(first.outputs)},
          {"parameters", {{"functions", std::move(listed)}}}};
}

std::vector<FunctionInfo> functions(const json& metadata) {
  std::vector<FunctionInfo> out;
  const json listed = parameter(metadata, "functions");
  if (!listed.is_array())
    return {{"main", infos(at(metadata, "inputs")), infos(at(metadata, "outputs"))}};
  for (const json& each : listed)
    out.push_back({text_at(each, "name"), infos(at(each, "inputs")), infos(at(each, "outputs"))});
  if (out.empty()) refuse("the model has no function");
  return out;
}

}  // namespace thorax::engine::kserve
