#include "engine/plugin_library.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>

#include "base/error.h"
#include "base/version.h"

namespace thorax::engine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void absent(const std::string& detail) {
  throw Error("no_engine"_code, {{"engine", "torch"}, {"detail", detail}});
}

fs::path find_library(const char* library) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  // Beside the program; where an installed program's libraries are; in a build folder, whose other
  // programs (tests, benchmarks) lie beside bin.
  for (const char* place : {"", "../lib/thorax", "../bin"})
    if (fs::exists(folder / place / library)) return fs::canonical(folder / place / library);
  absent((folder / library).string() + " is not there");
}

}  // namespace

const void* open_plugin(const char* library, const char* symbol) {
  const fs::path path = find_library(library);
  // Unless this is set before it is loaded, libgomp's threads spin for milliseconds while they
  // wait, and starve every other thread of the machine. Without any spinning a thread is woken for
  // every operator: a decoder's few rows take nearly twice the time. Some microseconds are enough.
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
  setenv("GOMP_SPINCOUNT", "2000", /*overwrite=*/0);
  // Never closed: libtorch's threads outlive any use of it.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) absent(dlerror());
  using Entry = const void* (*)(const char*);
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, symbol));
  const void* plugin = entry ? entry(kVersion) : nullptr;
  if (!plugin) absent(path.string() + " belongs to another version of Thorax");
  return plugin;
}

}  // namespace thorax::engine
