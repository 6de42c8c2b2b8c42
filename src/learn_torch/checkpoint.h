// Where a run is, as a file.
#pragma once

#include <filesystem>
#include <optional>

#include "learn/trainer.h"

namespace thorax::learn {

/// A run between two steps.
struct Position {
  std::int64_t step = 0;            ///< done, over all epochs
  double loss_sum = 0;              ///< of the steps of the running epoch
  double seconds = 0, waiting = 0;  ///< of the running epoch
  std::vector<EpochRow> rows;
};

/// As text (JSON) and back, exactly; throws nlohmann::json::exception for another text.
std::string to_text(const Position& position);
Position position_of(const std::string& text);

/// Throws Error("cannot_write"_code). Whole or not at all.
void write_checkpoint(const std::filesystem::path& path, const weights::StateDict& state,
                      const Position& position, const std::string& fingerprint);

struct Checkpoint {
  weights::StateDict state;
  Position position;
};

/// Nothing when there is no such file. Throws Error: run_differs, bad_weights.
std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& path,
                                          const std::string& fingerprint);

}  // namespace thorax::learn
