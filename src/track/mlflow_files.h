// The layout that MLflow's file store reads (`mlflow ui --backend-store-uri FOLDER`).
#pragma once

#include "track/run.h"

namespace thorax::track {

/// Writes FOLDER/EXPERIMENT/RUN/ with meta.yaml, params/, metrics/, tags/ and artifacts/ from
/// nothing, and the experiment's meta.yaml where it is absent. Both ids follow from the names and
/// the fingerprint, so that the same run comes to the same place again. Throws
/// Error("cannot_write"_code). Returns the run's folder.
std::filesystem::path write_mlflow_run(const std::filesystem::path& folder, const RunRecord& run,
                                       Status status, std::int64_t now);

/// Copies files of the run's folder, where they are, into artifacts/.
void write_mlflow_artifacts(const std::filesystem::path& run_folder,
                            const std::vector<std::filesystem::path>& files);

}  // namespace thorax::track
