#include "exporter/onnx_initializers.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <exporter/onnx.pb.h>

#include "base/error.h"
#include "exporter/half.h"
#include "weights/int8.h"

namespace thorax::exporter {
namespace {

using weights::DType;

// TensorProto.DataType and DataLocation.
constexpr int kFloat = 1, kInt8 = 3, kInt64 = 7, kFloat16 = 10, kExternal = 1;
// So that the weights can be mapped (External Data of the specification recommends pages).
constexpr std::uint64_t kPage = 4096;

weights::Tensor turned(const weights::Tensor& tensor) {
  weights::Tensor view = tensor;
  std::swap(view.shape.at(0), view.shape.at(1));
  std::swap(view.strides.at(0), view.strides.at(1));
  return view.packed();
}

int type_of(const weights::Tensor& tensor) {
  switch (tensor.type) {
    case DType::f32:
      return kFloat;
    case DType::f16:
      return kFloat16;
    case DType::i8:
      return kInt8;
    default:
      return kInt64;
  }
}

void add_entry(wire::Tensor& tensor, const char* key, const std::string& value) {
  wire::Entry* entry = tensor.add_external_data();
  entry->set_key(key);
  entry->set_value(value);
}

}  // namespace

Initializers::Initializers(const Graph& graph, wire::Graph& out,
                           const std::filesystem::path& beside, const Progress& progress)
    : out_(out), beside_name_(beside.filename().string()), progress_(progress) {
  for (const Constant& constant : graph.constants()) {
    constants_.emplace(constant.id, &constant);
    total_ += constant.tensor.bytes().size();
  }
  if (beside.empty()) return;
  beside_ = std::make_unique<NewFile>(beside);
  stream_.open(beside_->path(), std::ios::binary);
}

std::string Initializers::name(int id, bool half, bool transposed) {
  const Constant& constant = *constants_.at(id);
  half = half && constant.tensor.type == DType::f32;
  std::string name = constant.name + (transposed ? ".transposed" : "") + (half ? ".fp16" : "");
  if (written_.contains(name)) return name;
  weights::Tensor tensor = transposed ? turned(constant.tensor) : constant.tensor;
  if (half) tensor = to_half(tensor);
  report(constant);
  return add(name, tensor);
}

bool Initializers::is_small(int id) const {
  return constants_.at(id)->tensor.bytes().size() < kPage;
}

Initializers::Levels Initializers::levels(int id, std::size_t axis, bool transposed) {
  const Constant& constant = *constants_.at(id);
  const std::string name = constant.name + (transposed ? ".transposed" : "") + ".int8";
  Levels names{name, name + ".scales"};
  if (written_.contains(name)) return names;
  const weights::Quantised quantised =
      weights::to_int8(transposed ? turned(constant.tensor) : constant.tensor, axis);
  report(constant);
  add(names.levels, quantised.levels);
  add(names.scales, quantised.scales);
  return names;
}

void Initializers::report(const Constant& constant) {
  done_ += constant.tensor.bytes().size();
  progress_.report("write", static_cast<double>(std::min(done_, total_)) /
                                static_cast<double>(std::max<std::uint64_t>(1, total_)));
}

std::string Initializers::list(const Sides& values) {
  std::string name = "list";
  for (const std::int64_t value : values) name += '_' + std::to_string(value);
  if (written_.contains(name)) return name;
  return add(name, weights::make_index_tensor({static_cast<std::int64_t>(values.size())}, values));
}

std::string Initializers::scalar(float value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "scalar_%.9g", double{value});
  std::string name = text.data();
  if (written_.contains(name)) return name;
  return add(name, weights::make_tensor(Sides{}, std::vector<float>{value}));
}

std::string Initializers::add(const std::string& name, const weights::Tensor& tensor) {
  written_.insert(name);
  wire::Tensor* out = out_.add_initializer();
  out->set_name(name);
  for (const std::int64_t side : tensor.shape) out->add_dims(side);
  out->set_data_type(type_of(tensor));
  const std::span<const std::byte> bytes = tensor.bytes();
  const auto* data = reinterpret_cast<const char*>(bytes.data());
  // Lists of sides stay in the graph: runtimes want to know them while they read it.
  if (beside_ == nullptr || tensor.type == DType::i64 || bytes.size() < kPage) {
    out->set_raw_data(data, bytes.size());
    return name;
  }
  const std::uint64_t begin = (offset_ + kPage - 1) / kPage * kPage;
  stream_.seekp(static_cast<std::streamoff>(begin));
  stream_.write(data, static_cast<std::streamsize>(bytes.size()));
  offset_ = begin + bytes.size();
  out->set_data_location(kExternal);
  add_entry(*out, "location", beside_name_);
  add_entry(*out, "offset", std::to_string(begin));
  add_entry(*out, "length", std::to_string(bytes.size()));
  return name;
}

void Initializers::commit() {
  if (beside_ == nullptr) return;
  stream_.close();
  if (!stream_) throw Error("cannot_write"_code, {{"path", beside_name_}, {"detail", "write"}});
  beside_->commit();
}

}  // namespace thorax::exporter
