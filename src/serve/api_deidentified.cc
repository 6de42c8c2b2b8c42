// A study to be given away: without what identifies its patient. The work is a worker's, as reading
// is.
#include "base/error.h"
#include "base/scratch_folder.h"
#include "serve/api.h"
#include "store/export_key.h"
#include "store/ids.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

}  // namespace

void deidentified_api(Context& context, Call& call, const store::Study& study) {
  std::string dates = call.choice("dates", {"remove", "shift", "keep"});
  if (dates.empty()) dates = "remove";
  // It may take as long as the study is large.
  const std::shared_ptr<void> place = context.places.take();
  const ScratchFolder scratch(context.store.report_folder("deidentified-" + store::new_id()));
  WorkerCommand command = context.command;
  command.words.insert(command.words.end(),
                       {"--deidentify", dates, "--key-file",
                        (fs::path(context.options.data) / store::kExportKeyName).string()});
  const WorkerTask task{context.store.files().path_of(study.sha256),
                        study.name,
                        scratch.path(),
                        "",
                        1,
                        context.options.job_seconds};
  const WorkerEnd end = run_worker(
      command, task, [](std::string_view, double) {},
      [&] { return context.events.closed() ? Stop::cancel : Stop::no; });
  if (end.stopped != Stop::no) throw Error("cancelled"_code);
  if (end.outcome.failure) throw Error(*end.outcome.failure);
  call.response.set_header("Content-Disposition", attachment("deidentified.zip"));
  // What is open may be removed: it is sent all the same.
  call.answer_file(scratch.path() / "deidentified.zip", "application/zip",
                   '"' + store::new_id() + '"');
}

}  // namespace thorax::serve
