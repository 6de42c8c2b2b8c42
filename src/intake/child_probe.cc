#include "intake/child_probe.h"

namespace thorax::intake {
namespace {
EntryProbe entry_probe = nullptr;
}

void set_entry_probe(EntryProbe probe) {
  entry_probe = probe;
}

void probe_entry(EntryWork work, const std::string& shown) {
  if (entry_probe) entry_probe(work, shown);
}

}  // namespace thorax::intake
