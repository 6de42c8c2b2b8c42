#include "store/records.h"

#include <array>
#include <utility>

#include "base/error.h"

namespace thorax::store {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 5> kStates = {{
    {JobState::queued, "queued"},
    {JobState::running, "running"},
    {JobState::done, "done"},
    {JobState::failed, "failed"},
    {JobState::cancelled, "cancelled"},
}};

}  // namespace

std::string_view to_string(JobState state) {
  for (const auto& [value, name] : kStates)
    if (value == state) return name;
  throw Error("internal"_code, {{"detail", "a job in no state"}});
}

JobState parse_state(std::string_view name) {
  for (const auto& [value, text] : kStates)
    if (text == name) return value;
  throw Error("bad_parameter"_code, {{"name", "state"},
                                     {"value", std::string(name)},
                                     {"allowed", "queued, running, done, failed, cancelled"}});
}

}  // namespace thorax::store
