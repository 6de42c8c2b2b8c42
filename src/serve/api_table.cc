// One table of many studies.

#include "base/error.h"
#include "base/files.h"
#include "report/batch.h"
#include "report/json.h"
#include "report/xlsx.h"
#include "serve/api.h"
#include "serve/hide.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostStudies = 1000;

/// "a,b" → {"a", "b"}. Throws Error("bad_parameter"_code).
std::vector<std::string> asked_ids(const Call& call) {
  const std::string text = call.parameter("ids");
  std::vector<std::string> ids;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    ids.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (ids.empty() || ids.size() > kMostStudies)
    throw Error("bad_parameter"_code, {{"name", "ids"},
                                       {"value", std::to_string(ids.size())},
                                       {"allowed", "1 … " + std::to_string(kMostStudies)}});
  return ids;
}

/// Of a study that has a result a row each; of one that could not be read, one with its error.
void add_rows(Context& context, const store::Study& study, Language language,
              std::vector<report::BatchRow>& rows) {
  for (const store::Result& result : study.results) {
    const std::string text =
        read_file_if_there(context.store.report_folder(result.folder) / "result.json");
    rows.push_back(report::batch_row(report::from_json(text), language));
    rows.back().path_to_study = study.name;
  }
  if (!study.results.empty() || !study.job.failure) return;
  report::BatchRow row;
  row.path_to_study = study.name;
  row.processing_status = "Failure";
  row.error = study.job.failure->id() + ": " + study.job.failure->what(language);
  rows.push_back(std::move(row));
}

/// A file that goes with its name.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    std::error_code gone;
    fs::remove(path_, gone);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

void table_api(Context& context, Call& call) {
  std::vector<report::BatchRow> rows;
  for (const std::string& id : asked_ids(call)) {
    std::optional<store::Study> study;
    if (store::is_id(id)) study = context.store.study(id);
    if (!study) throw Error("unknown_id"_code, {{"id", id}});
    add_rows(context, shown_study(*study, call.who), call.language, rows);
  }
  const Temporary file(fs::path(context.options.data) / ("table-" + store::new_id() + ".xlsx"));
  report::write_xlsx(file.path(), rows);
  call.response.set_header("Content-Disposition", attachment("thorax.xlsx"));
  call.answer(read_file(file.path()), content_type("thorax.xlsx"));
}

}  // namespace thorax::serve
