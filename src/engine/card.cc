#include "engine/card.h"

#include <sstream>

namespace thorax::engine {
namespace {

void list_tensors(std::ostream& card, const char* what,
                  const std::vector<weights::TensorInfo>& tensors) {
  for (const weights::TensorInfo& tensor : tensors) {
    card << "  - " << what << " `" << tensor.name << "` " << to_string(tensor.type) << " [";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i)
      card << (i ? ", " : "") << (tensor.shape[i] < 0 ? "any" : std::to_string(tensor.shape[i]));
    card << "]\n";
  }
}

/// How it is fed and its answers are put together, where the files do not say.
void list_use(std::ostream& card, const nlohmann::json& manifest) {
  bool any = false;
  for (const char* entry : {"preprocessing", "sliding", "series", "slice_distance_mm"}) {
    if (!manifest.contains(entry)) continue;
    if (!any)
      card << "\n## How it is used\n\nThe weights do not tell this. Check it against how they were "
              "trained; change it in model.json or\nwith `--manifest` at the import.\n\n";
    any = true;
    card << "- " << entry << ": `" << manifest.at(entry).dump() << "`\n";
  }
}

}  // namespace

std::string card_skeleton(const weights::Manifest& manifest, const Description& description) {
  std::ostringstream card;
  card << "# " << manifest.name << " " << manifest.version << "\n\n"
       << "Research use only. Imported by `thorax model import`; what the files do not say stands\n"
       << "below as *not stated* and is for whoever imported the model to fill in.\n\n"
       << "## What it is\n\n"
       << "- Network: `" << manifest.network << "`, " << description.parameters
       << " parameters; configuration `" << manifest.config.dump() << "`\n"
       << "- Task: " << manifest.task << "\n"
       << "- Licence of the weights: " << manifest.licence << "\n";
  for (const FunctionInfo& function : description.functions) {
    card << "- Function `" << function.name << "`\n";
    list_tensors(card, "takes", function.inputs);
    list_tensors(card, "gives", function.outputs);
  }
  if (!manifest.labels.empty()) {
    card << "- Classes, in output order:";
    for (std::size_t i = 0; i < manifest.labels.size(); ++i)
      card << (i ? ", " : " ") << manifest.labels[i];
    card << "\n";
  }
  list_use(card, manifest.json);
  card << "\n## Where it is from\n\n";
  for (const nlohmann::json& source : manifest.json.at("sources"))
    card << "- `" << source.at("name").get<std::string>() << "`, "
         << source.at("bytes").get<std::uint64_t>() << " bytes, SHA-256 `"
         << source.at("sha256").get<std::string>() << "`\n";
  card
      << "- Publisher, address, date: *not stated*\n\n"
      << "## Training data\n\n*not stated*\n\n"
      << "## How well it does\n\n"
      << "*not stated*. `thorax model verify " << manifest.name
      << "` shows that it computes what it computed when it was imported; that says nothing about\n"
      << "its quality on your patients.\n\n"
      << "## What it must not be used for\n\n"
      << "Decisions about a patient. *Further limits: not stated.*\n";
  return card.str();
}

}  // namespace thorax::engine
