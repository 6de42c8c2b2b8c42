// One catalogue of everything Thorax has to say about a study: refusals, failures, warnings.
// A notice is a catalogue entry plus its arguments; the sentences are made when they are read, in
// the reader's language.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace thorax {

enum class Severity { info, warning, error };

/// Every code, in catalogue order. The name of the enumerator is the code users see, upper-cased.
enum class Code {
#define THORAX_NOTICE(code, severity, exit_code, en_what, en_do, ru_what, ru_do) code,
#include "base/catalogue.def"
#undef THORAX_NOTICE
};

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

/// Parses an id such as "NOT_A_CHEST"; throws Error(Code::internal) for an unknown one.
Code parse_code(std::string_view id);

}  // namespace thorax
