// Reads the headers of everything in a source, inside the decoding child.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "intake/child_store.h"
#include "intake/index_plan.h"

namespace thorax::intake {

/// All entries of a source in the order of their paths, each with its header or the reason why it
/// has none. What is being read stands in `journal`. An entry that needs more memory than there is
/// costs itself only. `progress` is told a fraction now and then. Throws Error when the source as a
/// whole cannot be read.
std::vector<IndexedEntry> index_source(const std::string& path, const Limits& limits,
                                       const std::function<void(double)>& progress,
                                       const IndexPlan& plan = {}, Journal journal = {});

/// Header of one file that is no archive. A coded error becomes the reason in the result.
std::variant<FileHeader, Notice> read_header(const Bytes& bytes, Content content,
                                             const std::string& shown, const Limits& limits);

}  // namespace thorax::intake
