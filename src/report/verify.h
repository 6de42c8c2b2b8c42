// Is a report still what was written, from the input and the models it names?
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "report/result.h"

namespace thorax::report {

enum class CheckState {
  intact,
  changed,      ///< it is there with another hash
  missing,      ///< it is not there any more
  not_checked,  ///< nobody said how, or no hash was kept
};

struct Check {
  enum class Kind { result, output, input, model };
  Kind kind = Kind::result;
  std::string name;  ///< file, input path or model
  CheckState state = CheckState::not_checked;
  std::string expected, found;  ///< hashes; may be empty
};

/// How to hash what lies outside the report's folder, as it was hashed when the report was made.
/// Either may be empty (that part is then not checked) and throws Error("no_such_input"_code) when
/// the thing is gone.
struct VerifyHooks {
  std::function<std::string(const StudyResult&)> input_sha256;
  std::function<std::string(const Provenance::Model&)> model_sha256;
};

/// Checks a report given as its folder or its result.json: the result's own seal, every file it
/// names, the input, the models; in this order. Throws Error("no_such_input"_code) or
/// Error("report_unreadable"_code) when there is no result to check.
std::vector<Check> verify_report(const std::filesystem::path& path, const VerifyHooks& hooks = {});

/// True when nothing is changed or missing.
bool all_intact(const std::vector<Check>& checks);

/// "intact", "цело", …
Text check_text(CheckState state);

}  // namespace thorax::report
