// How much a value of a pickle holds by itself, so that copies of it can be counted.
#pragma once

#include "weights/pickle.h"

namespace thorax::weights {

/// Items of a container; of text and bytes one for as many characters as a value's bookkeeping
/// takes; 0 for everything else.
inline std::size_t weight_of(const PickleValue& value) {
  constexpr std::size_t kCharacters = 16;
  if (const auto* tuple = get_if<PickleTuple>(&value)) return tuple->items.size();
  if (const auto* list = get_if<PickleList>(&value)) return list->items.size();
  if (const auto* dict = get_if<PickleDict>(&value)) return dict->items.size();
  if (const auto* text = get_if<std::string>(&value)) return text->size() / kCharacters;
  if (const auto* bytes = get_if<PickleBytes>(&value)) return bytes->value.size() / kCharacters;
  return 0;
}

}  // namespace thorax::weights
