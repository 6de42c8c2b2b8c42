// A graph as TorchScript: the source of `forward` and the tensors it names.
#pragma once

#include "exporter/graph.h"

namespace thorax::exporter {

struct Script {
  std::string source;          ///< def forward(self, …): one output, or a tuple of them
  weights::StateDict tensors;  ///< attributes of the module
};

Script write_script(const Graph& graph);

}  // namespace thorax::exporter
