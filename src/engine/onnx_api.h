// ONNX Runtime's C interface, loaded at run time: its package has no headers in Debian, and Thorax
// runs without it. The interface is a table of functions whose order never changes ("OrtApi",
// version 1: https://onnxruntime.ai/docs/api/c/struct_ort_api.html); the slots below are positions
// in that table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace thorax::engine::onnx {

// Opaque to us, as they are to every user of the interface.
struct Status;
struct Env;
struct SessionOptions;
struct Session;
struct RunSettings;
struct Value;
struct MemoryInfo;
struct Allocator;
struct TypeInfo;
struct TensorShapeInfo;

/// ONNXTensorElementDataType, as far as Thorax has such tensors.
enum class ElementType : int {
  f32 = 1,
  u8 = 2,
  i8 = 3,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  bf16 = 16
};

class Api {
 public:
  /// Loads the library on the first call: $THORAX_ONNXRUNTIME, beside the program, ../lib/thorax,
  /// onnxruntime/ in a folder above it (where tools/get_onnxruntime.sh puts it in a build folder),
  /// then the system's. Throws Error("no_engine"_code).
  static const Api& get();

  const std::string& version() const { return version_; }

  /// Calls entry `kSlot` and throws Error("no_engine"_code) with the library's words when it fails.
  template <std::size_t kSlot, class... Args>
  void call(Args... args) const {
    using Function = Status* (*)(Args...);
    check(reinterpret_cast<Function>(table_[kSlot])(args...));
  }
  /// Frees through one of the table's release entries.
  template <std::size_t kSlot, class T>
  void release(T* object) const {
    using Function = void (*)(T*);
    if (object) reinterpret_cast<Function>(table_[kSlot])(object);
  }

 private:
  Api();
  void check(Status* status) const;

  using AnyFunction = void (*)();
  const AnyFunction* table_ = nullptr;
  std::string version_;
};

// Positions in the table.
inline constexpr std::size_t kGetErrorMessage = 2, kCreateEnv = 3, kDisableTelemetry = 6,
                             kCreateSession = 7, kRun = 9, kCreateSessionOptions = 10,
                             kDisableCpuMemArena = 19, kSetGraphOptimizationLevel = 23,
                             kSetIntraOpNumThreads = 24, kSetInterOpNumThreads = 25,
                             kGetInputCount = 30, kGetOutputCount = 31, kGetInputTypeInfo = 33,
                             kGetOutputTypeInfo = 34, kGetInputName = 36, kGetOutputName = 37,
                             kCreateTensorWithData = 49, kGetTensorMutableData = 51,
                             kCastTypeInfoToTensorInfo = 55, kGetTensorElementType = 60,
                             kGetDimensionsCount = 61, kGetDimensions = 62,
                             kGetTensorTypeAndShape = 65, kCreateCpuMemoryInfo = 69,
                             kAllocatorFree = 76, kGetAllocatorWithDefaultOptions = 78,
                             kReleaseEnv = 92, kReleaseStatus = 93, kReleaseMemoryInfo = 94,
                             kReleaseSession = 95, kReleaseValue = 96, kReleaseTypeInfo = 98,
                             kReleaseTensorShapeInfo = 99, kReleaseSessionOptions = 100;

}  // namespace thorax::engine::onnx
