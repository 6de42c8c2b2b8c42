// Learned networks on a CT: an encoder whose embedding heads read, or a network that names findings
// itself, or one over whole volumes that says whether there is any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "findings/network_opinion.h"
#include "pipeline/embedding_index.h"
#include "pipeline/learned_model.h"
#include "report/result.h"
#include "volume/volume.h"

namespace thorax::pipeline {

class CtNetworks {
 public:
  /// Finds and loads what `options` name: the encoder (or, with "auto", the first installed model
  /// for CT by name), and every installed head whose manifest says that it reads that encoder's
  /// embedding. Empty when there is none. Throws Error when one is broken.
  static CtNetworks load(const ModelOptions& options, const findings::Scorecard& scorecard);

  bool empty() const { return !encoder_.runner; }
  std::uint64_t working_bytes() const { return pipeline::working_bytes(encoder_, 1); }
  /// Name, version and hash of each, for the report.
  std::vector<report::Provenance::Model> models() const;

  struct Judged {
    std::vector<findings::NetworkOpinion> opinions;
    std::optional<CaseEmbedding> embedding;  ///< of encoders that make one
  };
  /// Every network's opinion of a chest CT in HU.
  Judged judge(const volume::CtVolume& hu, const findings::Scorecard& scorecard,
               const Progress& progress) const;

 private:
  findings::NetworkOpinion judge_logits(const weights::Manifest& manifest,
                                        std::vector<float> logits,
                                        const findings::Scorecard& scorecard) const;
  findings::NetworkOpinion judge_prompts(const engine::Tensor& embedding,
                                         const findings::Scorecard& scorecard) const;
  void embed_prompts(const std::filesystem::path& folder);

  LearnedModel encoder_;
  std::vector<LearnedModel> heads_;
  std::vector<std::string> prompt_classes_;  ///< of zero-shot scoring
  std::vector<float> prompts_;               ///< their texts' embeddings, [2 * classes, latent]
};

}  // namespace thorax::pipeline
