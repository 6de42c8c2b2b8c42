#include "engine/torch_plugin.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/version.h"

namespace thorax::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libthorax_torch.so";

[[noreturn]] void absent(const std::string& detail) {
  throw Error(Code::no_engine, {{"engine", "torch"}, {"detail", detail}});
}

fs::path find_library() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  // Beside the program; where an installed program's libraries are; in a build folder, whose other
  // programs (tests, benchmarks) lie beside bin.
  for (const char* place : {"", "../lib/thorax", "../bin"})
    if (fs::exists(folder / place / kLibrary)) return fs::canonical(folder / place / kLibrary);
  absent((folder / kLibrary).string() + " is not there");
}

const TorchPlugin& open() {
  const fs::path path = find_library();
  // libgomp's threads spin while they wait, and starve every other thread of the machine, unless
  // this is set before it is loaded.
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
  // Never closed: libtorch's threads outlive any use of it.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) absent(dlerror());
  using Entry = const TorchPlugin* (*)(const char*);
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kTorchPluginSymbol));
  const TorchPlugin* plugin = entry ? entry(kVersion) : nullptr;
  if (!plugin) absent(path.string() + " belongs to another version of Thorax");
  return *plugin;
}

}  // namespace

const TorchPlugin& torch_plugin() {
  static const TorchPlugin& plugin = open();
  return plugin;
}

}  // namespace thorax::engine
