// The card of a model: what a person has to know before relying on it.
#pragma once

#include <string>

#include "engine/runner.h"

namespace thorax::engine {

/// CARD.md of an imported model: what is known from its files is filled in, what only its publisher
/// knows is asked for.
std::string card_skeleton(const weights::Manifest& manifest, const Description& description);

}  // namespace thorax::engine
