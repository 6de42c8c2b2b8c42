#include "report/verify.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "report/json.h"
#include "report/write.h"

namespace thorax::report {
namespace fs = std::filesystem;
namespace {

/// Compares a hash with what `found` returns; only a thing that is gone is missing.
template <class Found>
Check compare(Check::Kind kind, std::string name, std::string expected, Found found) {
  Check check{kind, std::move(name), CheckState::not_checked, std::move(expected), {}};
  if (check.expected.empty()) return check;
  try {
    check.found = found();
    check.state = check.found == check.expected ? CheckState::intact : CheckState::changed;
  } catch (const Error& error) {
    if (error.code() != "no_such_input"_code) throw;
    check.state = CheckState::missing;
  }
  return check;
}

/// A file name of the result, kept inside its folder: a forged result must not make us read others.
fs::path inside(const fs::path& folder, const std::string& name) {
  const fs::path relative = fs::path(name).lexically_normal();
  const bool leaves = relative.is_absolute() || relative.empty() || *relative.begin() == "..";
  if (leaves) throw Error("report_unreadable"_code, {{"detail", "file name " + name}});
  return folder / relative;
}

}  // namespace

std::vector<Check> verify_report(const fs::path& path, const VerifyHooks& hooks) {
  const fs::path file = fs::is_directory(path) ? path / kResultName : path;
  const std::string text = read_file(file);
  const StudyResult result = from_json(text);
  std::vector<Check> checks;
  checks.push_back({Check::Kind::result,
                    file.filename().string(),
                    json_is_intact(text) ? CheckState::intact : CheckState::changed,
                    {},
                    {}});
  for (const OutputFile& output : result.files)
    checks.push_back(compare(Check::Kind::output, output.name, output.sha256,
                             [&] { return sha256_file(inside(file.parent_path(), output.name)); }));
  const auto input = [&] { return hooks.input_sha256(result); };
  checks.push_back(compare(Check::Kind::input, result.path,
                           hooks.input_sha256 ? result.provenance.input_sha256 : "", input));
  for (const Provenance::Model& model : result.provenance.models)
    checks.push_back(compare(Check::Kind::model, model.name + ' ' + model.version,
                             hooks.model_sha256 ? model.sha256 : "",
                             [&] { return hooks.model_sha256(model); }));
  return checks;
}

bool all_intact(const std::vector<Check>& checks) {
  return std::none_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.state == CheckState::changed || check.state == CheckState::missing;
  });
}

Text check_text(CheckState state) {
  switch (state) {
    case CheckState::intact:
      return {"intact", "без изменений"};
    case CheckState::changed:
      return {"changed", "изменено"};
    case CheckState::missing:
      return {"missing", "отсутствует"};
    case CheckState::not_checked:
      break;
  }
  return {"not checked", "не проверялось"};
}

}  // namespace thorax::report
