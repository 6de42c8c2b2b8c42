// Labels of findings as the report knows them.
#pragma once

#include "report/pictures.h"
#include "volume/volume.h"

namespace thorax::pipeline {

/// Every finding label with what marks it.
report::MarkedLabels marked(const volume::Labels& labels);

}  // namespace thorax::pipeline
