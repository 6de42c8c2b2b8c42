// One catalogue of everything Thorax has to say about a study: refusals, failures, warnings.
// A notice is a catalogue entry plus its arguments; the sentences are made when they are read, in
// the reader's language.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace thorax {

enum class Severity { info, warning, error };

/// The name of a notice, as a template argument.
template <std::size_t size>
struct CodeName {
  // NOLINTNEXTLINE(google-explicit-constructor): a string literal stands for its name
  consteval CodeName(const char (&name)[size]) { std::copy(name, name + size, text); }
  char text[size]{};
};

/// Where the entry of that name stands in the catalogue. Only notice.cc defines any: a code that
/// the catalogue does not hold is refused by the linker, and a new one compiles nothing anew but
/// the file that holds the catalogue and those that use the code.
template <CodeName name>
struct CataloguePlace {
  static const std::size_t index;
};

/// What happened, by name: "no_such_input"_code. Users see the name in upper case.
class Code {
 public:
  constexpr explicit Code(const std::size_t& index) : index_(&index) {}
  std::size_t index() const { return *index_; }
  /// By place: each shared library holds a catalogue of its own.
  bool operator==(const Code& other) const { return *index_ == *other.index_; }

 private:
  const std::size_t* index_;
};

template <CodeName name>
constexpr Code operator""_code() {
  return Code(CataloguePlace<name>::index);
}

struct CatalogueEntry {
  Code code;
  std::string id;  ///< e.g. "NOT_A_CHEST"
  Severity severity;
  int exit_code;  ///< exit status of the program when this ends it (0 for warnings)
  /// What happened. {name} is replaced by the argument of that name, {name|slice|slices} and
  /// {name|срез|среза|срезов} by the form that goes with the number it holds.
  Text what;
  Text todo;  ///< what to do about it
};

const CatalogueEntry& catalogue(Code code);
const std::vector<CatalogueEntry>& catalogue();

/// A catalogue entry that happened, with its arguments (numbers, UIDs, names: language-neutral).
struct Notice {
  Code code;
  std::map<std::string, std::string> args;

  std::string id() const { return catalogue(code).id; }
  Severity severity() const { return catalogue(code).severity; }
  std::string what(Language language) const;
  std::string todo(Language language) const;
  bool operator==(const Notice&) const = default;
};

/// Parses an id such as "NOT_A_CHEST"; throws Error("internal"_code) for an unknown one.
Code parse_code(std::string_view id);

}  // namespace thorax
