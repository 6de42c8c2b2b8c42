// One study from its headers to its result.
#pragma once

#include <optional>

#include "base/clock.h"
#include "base/progress.h"
#include "intake/source.h"
#include "measure/ct.h"
#include "pipeline/embedding_index.h"
#include "pipeline/models.h"
#include "pipeline/options.h"
#include "report/dicom_source.h"
#include "report/pictures.h"
#include "report/result.h"

namespace thorax::pipeline {

/// What an analysis leaves: the result, and the voxels that its pictures and masks are made from.
/// The voxels are absent when the study was refused before they were there.
struct StudyAnalysis {
  report::StudyResult result;
  std::optional<intake::LoadedVolume> ct;
  std::optional<measure::CtMeasurements> measured;
  volume::Labels organs;  ///< of a network that outlines them; else empty
  std::optional<intake::LoadedImage> radiograph;
  std::string view_position;               ///< of the radiograph: PA, AP, LL …; may be empty
  std::optional<report::HeatLayer> heat;   ///< over the radiograph
  report::DicomSource dicom;               ///< the series, for DICOM objects that refer to it
  std::optional<CaseEmbedding> embedding;  ///< of the network that read it, when it makes one
};

/// Judges, measures and decides. An Error, or any exception, becomes result.failure, with
/// everything known until then kept; only Error("cancelled"_code) is thrown on.
/// `study` is one of source.studies(); its choice of series is overruled by options.series_uid.
StudyAnalysis analyse_study(intake::Source& source, intake::Study& study, const Models& models,
                            const Options& options, StageClock& clock,
                            const Progress& progress = {});

/// What an exception means to the user; Error keeps its own notice.
Notice notice_of(const std::exception& error);

}  // namespace thorax::pipeline
