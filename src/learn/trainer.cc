#include "learn/trainer.h"

#include "engine/plugin_library.h"

namespace thorax::learn {

const Trainer& trainer() {
  static const Trainer& loaded =
      engine::load_plugin<Trainer>("libthorax_trainer.so", kTrainerSymbol);
  return loaded;
}

}  // namespace thorax::learn
