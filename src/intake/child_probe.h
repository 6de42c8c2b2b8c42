// Where the tests of dying children put their hands in. Thorax itself never sets a probe.
#pragma once

#include <string>

namespace thorax::intake {

enum class EntryWork { header, pixels };

/// A function that the child calls before it reads an entry, named as people see it.
using EntryProbe = void (*)(EntryWork work, const std::string& shown);

/// To be set before threads start, by the main of a test program; null for none.
void set_entry_probe(EntryProbe probe);
void probe_entry(EntryWork work, const std::string& shown);

}  // namespace thorax::intake
