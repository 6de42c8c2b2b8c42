// A reader of Python pickles that runs no code: it knows the opcodes, builds plain values, and
// leaves every class it meets to the caller, who allows it by name or refuses it.
// Opcodes: Python's Lib/pickletools.py documents each of them.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "weights/tensor.h"

namespace thorax::weights {

struct PickleValue;
/// Values are shared as Python's are: a list put twice is one list, and a list may hold itself.
/// They live in the result's arena, so that freeing a deep or circular value is no recursion.
using PickleRef = const PickleValue*;

struct PickleNone {};
struct PickleGlobal {  ///< a class or function, by name; never looked up
  std::string name;    ///< "module.attribute"
};
struct PickleTuple {
  std::vector<PickleRef> items;
};
struct PickleList {
  std::vector<PickleRef> items;
};
struct PickleDict {
  std::vector<std::pair<PickleRef, PickleRef>> items;  ///< in order
};
struct PickleBytes {
  std::string value;
};
/// What a caller's hook made of a persistent id: memory of a storage.
struct PickleStorage {
  DType type = DType::f32;
  const std::byte* data = nullptr;
  std::uint64_t bytes = 0;
  std::shared_ptr<const void> owner;
  std::string key;  ///< of legacy files, whose bytes follow later
};

struct PickleValue {
  std::variant<PickleNone, bool, std::int64_t, double, std::string, PickleBytes, PickleTuple,
               PickleList, PickleDict, PickleGlobal, PickleStorage, Tensor>
      value;
};

template <class T>
const T* get_if(PickleRef ref) {
  return ref ? std::get_if<T>(&ref->value) : nullptr;
}

struct PickleHooks {
  /// Calls an allowed global with arguments (REDUCE, NEWOBJ); throws for one it does not know.
  std::function<PickleValue(const std::string& name, const std::vector<PickleRef>& arguments)> call;
  /// Resolves a persistent id; throws when it does not understand it.
  std::function<PickleValue(PickleRef id)> persistent;
};

struct PickleResult {
  std::shared_ptr<std::deque<PickleValue>> arena;  ///< owns every value
  PickleRef value = nullptr;
  std::size_t consumed = 0;  ///< bytes up to and with the STOP opcode
};

/// Reads one pickle (protocols 0 to 5, the opcodes that containers and tensors need). Throws
/// Error("bad_weights"_code), `file` in it, for anything else: an opcode that is not known, a stack
/// or memo that does not fit, a class the hooks refuse, more than ten million values.
PickleResult read_pickle(std::span<const std::byte> bytes, const PickleHooks& hooks,
                         const std::string& file);

}  // namespace thorax::weights
