#include "engine/onnx_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/error.h"

namespace thorax::engine::onnx {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libonnxruntime.so.1";
constexpr std::uint32_t kApiVersion = 1;

/// ONNX Runtime's OrtApiBase.
struct ApiBase {
  const void* (*get_api)(std::uint32_t version);
  const char* (*version)();
};

std::vector<fs::path> places() {
  if (const char* named = std::getenv("THORAX_ONNXRUNTIME")) return {named};
  std::vector<fs::path> places;
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  places.push_back(folder / kLibrary);
  places.push_back(folder.parent_path() / "lib/thorax" / kLibrary);
  for (fs::path root = folder; root.has_relative_path(); root = root.parent_path())
    places.push_back(root / "onnxruntime" / kLibrary);
  places.emplace_back(kLibrary);  // wherever the system keeps libraries
  return places;
}

[[noreturn]] void absent(const std::string& detail) {
  throw Error("no_engine"_code, {{"engine", "onnx"}, {"detail", detail}});
}

void* open() {
  std::string problem;
  for (const fs::path& place : places()) {
    if (place.has_parent_path() && !fs::exists(place)) {
      problem = place.string() + " is absent";
      continue;
    }
    if (void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    problem = dlerror();
  }
  absent("ONNX Runtime was not found (" + problem + ")");
}

}  // namespace

Api::Api() {
  const auto base_of = reinterpret_cast<const ApiBase* (*)()>(dlsym(open(), "OrtGetApiBase"));
  if (!base_of) absent("the library is not ONNX Runtime");
  const ApiBase* base = base_of();
  table_ = static_cast<const AnyFunction*>(base->get_api(kApiVersion));
  if (!table_) absent("ONNX Runtime no longer offers version 1 of its interface");
  version_ = base->version();
}

const Api& Api::get() {
  static const Api api;
  return api;
}

void Api::check(Status* status) const {
  if (!status) return;
  using Message = const char* (*)(const Status*);
  const std::string message = reinterpret_cast<Message>(table_[kGetErrorMessage])(status);
  release<kReleaseStatus>(status);
  absent(message);
}

}  // namespace thorax::engine::onnx
