// What the addresses of the service do; docs/openapi.json describes them.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>

#include "base/clock.h"
#include "serve/call.h"
#include "serve/door.h"
#include "serve/embeddings.h"
#include "serve/model_host.h"
#include "serve/options.h"
#include "serve/pool.h"
#include "serve/trace.h"
#include "store/parts.h"

namespace thorax::serve {

/// Places that connections which wait for something hold; the rest of the threads answers the rest.
class Places {
 public:
  explicit Places(int count) : count_(count) {}

  /// Throws Error("too_many_streams"_code). Given back when the last copy goes.
  std::shared_ptr<void> take();
  int taken() const { return taken_; }

 private:
  const int count_;
  std::atomic<int> taken_{0};
};

/// Everything the handlers share.
struct Context {
  const Options& options;
  const WorkerCommand& command;
  std::filesystem::path page;  ///< folder of the built page; may not exist
  store::Store& store;
  EventHub& events;
  Metrics& metrics;
  WorkerPool& pool;
  Places& places;
  ModelHost& models;
  Door& door;
  store::People& people;
  store::PartFolder& parts;
  store::Audit& audit;
  Trace& trace;
  EmbeddingMap& embeddings;
  std::mutex& importing;  ///< one model comes in at a time
  Stopwatch up;
};

/// Finds what belongs to the address and the method. Throws Error: nothing_there and what the
/// handlers throw.
void dispatch(Context& context, Call& call);

// /api/v1/studies…
void studies_api(Context& context, Call& call, const std::vector<std::string>& rest);
/// An upload that has become a study, or had before.
void answer_accepted(Context& context, Call& call, const store::Accepted& accepted);
// /api/v1/studies/{id}/deidentified.zip
void deidentified_api(Context& context, Call& call, const store::Study& study);
// /api/v1/uploads…: studies that come in parts
void uploads_api(Context& context, Call& call, const std::vector<std::string>& rest);
// /api/v1/users…
void users_api(Context& context, Call& call, const std::vector<std::string>& rest);
// /api, /api/style.css: what can be asked, to be read
void description_page(Call& call);
void description_style(Call& call);
// /api/v1/models…
void models_api(Context& context, Call& call);
void change_models_api(Context& context, Call& call, const std::vector<std::string>& rest);
// /api/v1/embeddings, /api/v1/studies/ID/results/NUMBER/similar
void embeddings_api(Context& context, Call& call);
void similar_api(Context& context, Call& call, const std::string& id, const std::string& number);
// /api/v1/table.xlsx
void table_api(Context& context, Call& call);
// /api/v1/studies/ID/results/NUMBER/feedback, /api/v1/feedback
void feedback_api(Context& context, Call& call, const std::string& id, const std::string& number);
void all_feedback_api(Context& context, Call& call);
// /api/v1/jobs…
void jobs_api(Context& context, Call& call, const std::vector<std::string>& rest);
// /api/v1/events
void events_api(Context& context, Call& call);
// /healthz, /readyz, /metrics, /api/v1/status
void health_api(Call& call);
void ready_api(Context& context, Call& call);
void metrics_api(Context& context, Call& call);
void status_api(Context& context, Call& call);
// /api/v1/me, /api/v1/me/password, /api/v1/session
void me_api(Call& call);
void own_password_api(Context& context, Call& call);
void session_api(Context& context, Call& call);
// /api/v1/audit
void audit_api(Context& context, Call& call);
// /predict, /analyze, /health, /reports/{name}: as scripts of earlier services call them
void predict_api(Context& context, Call& call);
void analyze_api(Context& context, Call& call);
void reports_api(Context& context, Call& call, const std::string& name);
// /v2…: the models, as Triton and KServe offer theirs
void kserve_api(Context& context, Call& call, const std::vector<std::string>& rest);
/// The DICOM objects of a study's results as a zip. Throws Error: not_allowed for those who do not
/// see names, no_dicom_objects when there are none.
void answer_dicom_zip(Context& context, Call& call, const store::Study& study);
/// The table of a study's results for those who do not see names: made anew.
void answer_table_without_names(Context& context, Call& call, const store::Study& study);
// the page
void page_file(Context& context, Call& call);

/// Whether a method only asks.
bool is_reading(const httplib::Request& request);

}  // namespace thorax::serve
