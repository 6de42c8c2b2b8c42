// The goldens once more, through a model folder and the engine: what a user's checkpoint goes
// through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cmath>
#include <fstream>

#include "base/error.h"
#include "engine/torch_plugin.h"
#include "golden_model.h"

namespace thorax::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing_support::TemporaryFolder;

Tensor input_of(const json& description) {
  return weights::make_tensor(description.at("shape").get<std::vector<std::int64_t>>(),
                              golden::Golden::input(description));
}

/// Rows divided by their L2 norms.
std::vector<float> normalised(const Tensor& tensor) {
  std::vector<float> values = tensor.to_float();
  const auto width = static_cast<std::size_t>(tensor.shape.back());
  for (std::size_t row = 0; row < values.size(); row += width) {
    double squares = 0;
    for (std::size_t i = 0; i < width; ++i)
      squares += double{values[row + i]} * double{values[row + i]};
    for (std::size_t i = 0; i < width; ++i)
      values[row + i] = static_cast<float>(double{values[row + i]} / std::sqrt(squares));
  }
  return values;
}

TEST(EngineGolden, CtClipImageEmbedding) {
  golden::Golden golden("ctclip", "tiny", "engine");
  const json& image = golden.facts().at("ctvit_config");
  const json& text = golden.facts().at("bert_config");
  const json& volume = golden.facts().at("input").at("video");
  const TemporaryFolder folder;
  const auto runner = golden_model(golden.state_dict(), folder.path(), "ctclip",
                                   {{"dim", image.at("dim")},
                                    {"codebook_size", image.at("codebook_size")},
                                    {"image_depth", volume.at("shape").at(2)},
                                    {"image_height", volume.at("shape").at(3)},
                                    {"image_width", volume.at("shape").at(4)},
                                    {"patch_size", image.at("patch_size")},
                                    {"temporal_patch_size", image.at("temporal_patch_size")},
                                    {"spatial_depth", image.at("spatial_depth")},
                                    {"temporal_depth", image.at("temporal_depth")},
                                    {"dim_head", image.at("dim_head")},
                                    {"heads", image.at("heads")},
                                    {"latent", golden.facts().at("dim_latent")},
                                    {"text_vocabulary", text.at("vocab_size")},
                                    {"text_hidden", text.at("hidden_size")},
                                    {"text_layers", text.at("num_hidden_layers")},
                                    {"text_heads", text.at("num_attention_heads")},
                                    {"text_intermediate", text.at("intermediate_size")},
                                    {"text_positions", text.at("max_position_embeddings")}});
  const auto out = runner->run({input_of(volume)}, "image");
  golden.check("image_latents", out.at(0).shape, std::span<const float>(normalised(out.at(0))));
}

TEST(EngineGolden, VitLogits) {
  golden::Golden golden("vit_base_patch16_224", "tiny", "engine");
  const json& facts = golden.facts().at("model_config");
  const TemporaryFolder folder;
  const auto runner = golden_model(golden.state_dict(), folder.path(), "vit",
                                   {{"hidden", facts.at("hidden_size")},
                                    {"layers", facts.at("num_hidden_layers")},
                                    {"heads", facts.at("num_attention_heads")},
                                    {"intermediate", facts.at("intermediate_size")},
                                    {"image_size", facts.at("image_size")},
                                    {"patch_size", facts.at("patch_size")},
                                    {"labels", facts.at("num_labels")}});
  const auto out = runner->run({input_of(golden.facts().at("input"))}, "logits");
  golden.check("logits", out.at(0).shape, std::span<const float>(out.at(0).to_float()));
}

/// Tensors of a golden's shapes over one stretch of zeros, so that a network of any size can be
/// recognised without its memory.
class Zeros {
 public:
  explicit Zeros(const golden::Golden& golden) {
    std::size_t largest = 1;
    for (const golden::Entry& entry : golden.state_dict())
      largest = std::max(largest, bytes(entry));
    memory_ = mmap(nullptr, largest, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_ = largest;
    for (const golden::Entry& entry : golden.state_dict()) {
      weights::Tensor tensor;
      tensor.type = entry.type == "int64" ? weights::DType::i64 : weights::DType::f32;
      tensor.shape = entry.shape;
      tensor.strides = weights::row_major_strides(entry.shape);
      tensor.data = static_cast<const std::byte*>(memory_);
      state.emplace(entry.key, tensor);
    }
  }
  Zeros(const Zeros&) = delete;
  Zeros& operator=(const Zeros&) = delete;
  ~Zeros() { munmap(memory_, size_); }
  weights::StateDict state;

 private:
  static std::size_t bytes(const golden::Entry& entry) {
    std::size_t count = 8;
    for (const std::int64_t side : entry.shape) count *= static_cast<std::size_t>(side);
    return count;
  }
  void* memory_;
  std::size_t size_;
};

RecognisedCheckpoint recognised(const std::string& network, const std::string& config,
                                weights::StateDict& state) {
  const golden::Golden golden(network, config);
  const Zeros zeros(golden);
  state = zeros.state;
  RecognisedCheckpoint found =
      torch_plugin().recognise(state, nlohmann::json::object(), "fp32", network);
  found.weights.clear();
  return found;
}

TEST(Recognise, PublishedSizesByTheirKeysAndShapes) {
  weights::StateDict state;
  EXPECT_EQ(recognised("ctclip", "full", state).network, "ctclip");
  const RecognisedCheckpoint vit = recognised("vit_base_patch16_224", "full", state);
  EXPECT_EQ(vit.network, "vit");
  EXPECT_EQ(vit.config.at("image_size"), 224);
  EXPECT_EQ(vit.config.at("heads"), 12);
  const RecognisedCheckpoint dinov2 = recognised("vit_large_patch14_reg4_dinov2", "full", state);
  EXPECT_EQ(dinov2.network, "dinov2");
  EXPECT_EQ(dinov2.config.at("image_size"), 518);
  EXPECT_EQ(dinov2.config.at("depth"), 24);
  EXPECT_EQ(recognised("resnet18", "full", state).network, "resnet");
  EXPECT_EQ(recognised("resnet50", "full", state).config.at("bottleneck"), true);
  EXPECT_EQ(recognised("s1_mlp", "multilabel", state).config.at("hidden"), (json{512, 256, 128}));
}

TEST(Recognise, CtClipWithoutPositionIdsOrCopiesFits) {
  const golden::Golden golden("ctclip", "full");
  Zeros zeros(golden);
  zeros.state.erase("text_transformer.embeddings.position_ids");
  zeros.state.erase("to_visual_latent_extra.weight");
  EXPECT_EQ(torch_plugin().recognise(zeros.state, nlohmann::json::object(), "fp32", "x").network,
            "ctclip");
  zeros.state.erase("to_text_latent.weight");
  EXPECT_THROW(torch_plugin().recognise(zeros.state, nlohmann::json::object(), "fp32", "x"), Error);
}

}  // namespace
}  // namespace thorax::engine
