// nets/bands.h as steps of a graph.
#pragma once

#include "exporter/graph.h"
#include "prepare/bands.h"

namespace thorax::exporter {

/// x [B, C, H, W]; fp32 whatever precision is written.
Value equal_bands(Graph& graph, const Value& x, const prepare::BandOptions& options);

}  // namespace thorax::exporter
