// What `thorax analyze` says when the work is done.
#pragma once

#include <vector>

#include "pipeline/batch.h"

namespace thorax::cli {

/// A line a study (name, verdict, probability, trust, most severe finding, seconds), the reasons of
/// those that failed, and where the reports are; on standard output.
void print_summary(const std::vector<pipeline::Outcome>& outcomes, const pipeline::BatchJob& job,
                   Language language);

}  // namespace thorax::cli
