// What the commands on learned models share: the choice of a model, and what was lost.
#pragma once

#include <string>
#include <vector>

#include "cli/program.h"
#include "pipeline/learned_model.h"

namespace thorax::cli {

struct ModelChoice {
  std::string model, models, engine, precision;
};

/// --model, --models, --engine, --precision.
CLI::Option* add_model_choice(CLI::App& command, const Program& program, ModelChoice& choice);

/// Loads the model with the settings in use. Throws Error.
pipeline::LearnedModel load_model(Program& program, const ModelChoice& choice);

/// "✕ a.png: PICTURE_BROKEN  what happened" on standard error.
void print_notice(const std::string& id, const Notice& notice, Language language);

inline const Text kNoGate{"Embed what is no chest, too",
                          "Обрабатывать и то, что не является грудной клеткой"};
inline const Text kExitCodes{
    "Exit status: 0 all were read; 10 some of several failed, 11 all of them; else that of the "
    "error.",
    "Код возврата: 0 — прочитано всё; 10 — часть из нескольких не прочитана, 11 — ничего; иначе "
    "код ошибки."};

}  // namespace thorax::cli
