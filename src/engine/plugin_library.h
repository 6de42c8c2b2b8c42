// The shared libraries that hold libtorch: found and opened when they are first needed.
#pragma once

namespace thorax::engine {

/// What `symbol`, a function `const void* (const char* version)`, of a library gives. The library
/// is looked for beside the program, in ../lib/thorax and in ../bin, and never closed. Throws
/// Error("no_engine"_code) when it is absent or was built for another version of Thorax.
const void* open_plugin(const char* library, const char* symbol);

template <class Interface>
const Interface& load_plugin(const char* library, const char* symbol) {
  return *static_cast<const Interface*>(open_plugin(library, symbol));
}

}  // namespace thorax::engine
