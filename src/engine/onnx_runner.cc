#include "engine/onnx_runner.h"

#include <algorithm>
#include <thread>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "engine/onnx_api.h"

namespace thorax::engine {
namespace {

using namespace onnx;
using weights::DType;

constexpr int kWarnings = 2;           // OrtLoggingLevel
constexpr int kAllOptimisations = 99;  // GraphOptimizationLevel
constexpr int kArenaAllocator = 1;     // OrtAllocatorType
constexpr int kDefaultMemory = 0;      // OrtMemType
constexpr const char* kFunction = "main";

/// Owns an object of the runtime.
template <class T, std::size_t kRelease>
class Held {
 public:
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  Held(Held&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  /// What holds nothing needs no runtime, which may be the one that could not be loaded.
  ~Held() {
    if (object_ != nullptr) Api::get().release<kRelease>(object_);
  }
  T* get() const { return object_; }
  T** out() { return &object_; }

 private:
  T* object_ = nullptr;
};
using HeldEnv = Held<Env, kReleaseEnv>;
using HeldOptions = Held<SessionOptions, kReleaseSessionOptions>;
using HeldSession = Held<Session, kReleaseSession>;
using HeldValue = Held<Value, kReleaseValue>;
using HeldMemory = Held<MemoryInfo, kReleaseMemoryInfo>;
using HeldType = Held<TypeInfo, kReleaseTypeInfo>;
using HeldShape = Held<TensorShapeInfo, kReleaseTensorShapeInfo>;

struct TypePair {
  ElementType element;
  DType type;
};
constexpr TypePair kTypes[] = {
    {ElementType::f32, DType::f32}, {ElementType::f64, DType::f64},
    {ElementType::f16, DType::f16}, {ElementType::bf16, DType::bf16},
    {ElementType::i64, DType::i64}, {ElementType::i32, DType::i32},
    {ElementType::i16, DType::i16}, {ElementType::i8, DType::i8},
    {ElementType::u8, DType::u8},   {ElementType::boolean, DType::boolean}};

DType dtype_of(ElementType element) {
  for (const TypePair& pair : kTypes)
    if (pair.element == element) return pair.type;
  throw Error("bad_tensors"_code,
              {{"detail", "the file has a tensor of a type that is not known"}});
}

ElementType element_of(DType type) {
  for (const TypePair& pair : kTypes)
    if (pair.type == type) return pair.element;
  throw Error("internal"_code, {{"detail", "a tensor type without an element type"}});
}

/// Type and shape; open sides come as -1.
std::pair<DType, std::vector<std::int64_t>> type_and_shape(const TensorShapeInfo* info) {
  const Api& api = Api::get();
  ElementType element{};
  std::size_t rank = 0;
  api.call<kGetTensorElementType>(info, &element);
  api.call<kGetDimensionsCount>(info, &rank);
  std::vector<std::int64_t> shape(rank);
  api.call<kGetDimensions>(info, shape.data(), rank);
  for (std::int64_t& side : shape) side = std::max<std::int64_t>(side, -1);
  return {dtype_of(element), shape};
}

/// The process' environment of the runtime, made once.
Env* environment() {
  static const HeldEnv environment = [] {
    HeldEnv held;
    Api::get().call<kCreateEnv>(kWarnings, "thorax", held.out());
    Api::get().call<kDisableTelemetry>(static_cast<const Env*>(held.get()));
    return held;
  }();
  return environment.get();
}

class OnnxRunner final : public Runner {
 public:
  OnnxRunner(const std::filesystem::path& file, const RunOptions& options) {
    if (!options.device.empty() && options.device != "cpu")
      throw Error("no_engine"_code,
                  {{"engine", "onnx"}, {"detail", options.device + " is not available"}});
    if (!options.precision.empty() && options.precision != "fp32")
      throw Error("bad_option"_code, {{"option", "precision"},
                                      {"value", options.precision},
                                      {"hint", "fp32 (what the file says)"}});
    const Api& api = Api::get();
    description_.engine = "onnx";
    description_.runtime = "ONNX Runtime " + api.version();
    description_.device = "cpu";
    description_.precision = "fp32";
    description_.threads =
        options.threads > 0 ? options.threads
                            : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    std::error_code problem;
    description_.weight_bytes = std::filesystem::file_size(file, problem);
    if (problem) throw Error("no_such_input"_code, {{"path", file.string()}});
    require_memory(file.filename().string(), description_.weight_bytes);

    HeldOptions settings;
    api.call<kCreateSessionOptions>(settings.out());
    api.call<kSetGraphOptimizationLevel>(settings.get(), kAllOptimisations);
    api.call<kSetIntraOpNumThreads>(settings.get(), description_.threads);
    api.call<kSetInterOpNumThreads>(settings.get(), 1);
    // Without the arena, memory goes back when a run ends.
    api.call<kDisableCpuMemArena>(settings.get());
    api.call<kCreateSession>(static_cast<const Env*>(environment()), file.c_str(),
                             static_cast<const SessionOptions*>(settings.get()), session_.out());
    api.call<kCreateCpuMemoryInfo>(kArenaAllocator, kDefaultMemory, memory_.out());
    description_.functions.push_back(
        {kFunction, tensors<kGetInputCount, kGetInputName, kGetInputTypeInfo>(),
         tensors<kGetOutputCount, kGetOutputName, kGetOutputTypeInfo>()});
  }

  const Description& describe() const override { return description_; }
  void set_item_bytes(std::uint64_t bytes) { description_.item_bytes = bytes; }

 private:
  template <std::size_t kCount, std::size_t kName, std::size_t kType>
  std::vector<weights::TensorInfo> tensors() const {
    const Api& api = Api::get();
    const Session* session = session_.get();
    Allocator* allocator = nullptr;
    api.call<kGetAllocatorWithDefaultOptions>(&allocator);
    std::size_t count = 0;
    api.call<kCount>(session, &count);
    std::vector<weights::TensorInfo> out;
    for (std::size_t i = 0; i < count; ++i) {
      char* name = nullptr;
      api.call<kName>(session, i, allocator, &name);
      weights::TensorInfo info{name, DType::f32, {}};
      api.call<kAllocatorFree>(allocator, static_cast<void*>(name));
      HeldType type;
      api.call<kType>(session, i, type.out());
      const TensorShapeInfo* shape = nullptr;  // belongs to the type
      api.call<kCastTypeInfoToTensorInfo>(static_cast<const TypeInfo*>(type.get()), &shape);
      if (!shape) throw Error("bad_tensors"_code, {{"detail", info.name + " is not a tensor"}});
      std::tie(info.type, info.shape) = type_and_shape(shape);
      out.push_back(std::move(info));
    }
    return out;
  }

  std::vector<Tensor> compute(const std::vector<Tensor>& inputs,
                              const FunctionInfo& function) override {
    const Api& api = Api::get();
    std::vector<Tensor> packed;
    std::vector<HeldValue> values(inputs.size());
    std::vector<const Value*> given;
    std::vector<const char*> input_names, output_names;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      packed.push_back(inputs[i].packed());
      const std::span<const std::byte> bytes = packed[i].bytes();
      // The runtime reads inputs; its interface has no const.
      api.call<kCreateTensorWithData>(
          static_cast<const MemoryInfo*>(memory_.get()),
          const_cast<void*>(static_cast<const void*>(bytes.data())), bytes.size(),
          static_cast<const std::int64_t*>(packed[i].shape.data()), packed[i].shape.size(),
          element_of(packed[i].type), values[i].out());
      given.push_back(values[i].get());
      input_names.push_back(function.inputs[i].name.c_str());
    }
    for (const weights::TensorInfo& output : function.outputs)
      output_names.push_back(output.name.c_str());
    std::vector<Value*> results(output_names.size(), nullptr);
    api.call<kRun>(session_.get(), static_cast<const RunSettings*>(nullptr),
                   static_cast<const char* const*>(input_names.data()),
                   static_cast<const Value* const*>(given.data()), given.size(),
                   static_cast<const char* const*>(output_names.data()), output_names.size(),
                   results.data());
    std::vector<Tensor> out;
    for (Value* result : results) out.push_back(take(result));
    return out;
  }

  /// A tensor over the runtime's own memory, freed with its last owner.
  static Tensor take(Value* value) {
    const std::shared_ptr<Value> held(value,
                                      [](Value* v) { Api::get().release<kReleaseValue>(v); });
    const Api& api = Api::get();
    HeldShape shape;
    api.call<kGetTensorTypeAndShape>(static_cast<const Value*>(value), shape.out());
    Tensor tensor;
    std::tie(tensor.type, tensor.shape) = type_and_shape(shape.get());
    tensor.strides = weights::row_major_strides(tensor.shape);
    void* data = nullptr;
    api.call<kGetTensorMutableData>(value, &data);
    tensor.data = static_cast<const std::byte*>(data);
    tensor.owner = held;
    return tensor;
  }

  Description description_;
  HeldSession session_;
  HeldMemory memory_;
};

}  // namespace

std::unique_ptr<Runner> load_onnx_file(const std::filesystem::path& file,
                                       const RunOptions& options) {
  return std::make_unique<OnnxRunner>(file, options);
}

std::unique_ptr<Runner> load_onnx(const weights::Manifest& manifest,
                                  const std::filesystem::path& folder, const RunOptions& options) {
  // A model of another network may carry its ONNX form beside its own weights.
  const std::string file =
      manifest.network == "onnx" ? manifest.weights : manifest.json.value("onnx", "");
  if (file.empty())
    throw Error("no_engine"_code,
                {{"engine", "onnx"}, {"detail", manifest.name + " has no ONNX file"}});
  auto runner = std::make_unique<OnnxRunner>(folder / file, options);
  runner->set_item_bytes(manifest.json.value("item_bytes", std::uint64_t{0}));
  return runner;
}

}  // namespace thorax::engine
