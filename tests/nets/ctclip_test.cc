#include "nets/ctclip.h"

#include <gtest/gtest.h>

#include "torch_golden.h"

namespace thorax::nets {
namespace {

// A golden's configuration; what it does not name is the published size.
CtClipOptions options_of(const nlohmann::json& facts) {
  CtClipOptions options;
  const nlohmann::json& image = facts.at("ctvit_config");
  const nlohmann::json& size = image.at("image_size");
  options.image = {.dim = image.at("dim"),
                   .codebook_size = image.at("codebook_size"),
                   .image_height = size.is_array() ? size.at(0) : size,
                   .image_width = size.is_array() ? size.at(1) : size,
                   .patch_size = image.at("patch_size"),
                   .temporal_patch_size = image.at("temporal_patch_size"),
                   .spatial_depth = image.at("spatial_depth"),
                   .temporal_depth = image.at("temporal_depth"),
                   .dim_head = image.at("dim_head"),
                   .heads = image.at("heads")};
  const nlohmann::json& text = facts.at("bert_config");
  const BertOptions base;
  options.text = {.vocabulary = text.at("vocab_size"),
                  .hidden = text.value("hidden_size", base.hidden),
                  .layers = text.value("num_hidden_layers", base.layers),
                  .heads = text.value("num_attention_heads", base.heads),
                  .intermediate = text.value("intermediate_size", base.intermediate),
                  .positions = text.value("max_position_embeddings", base.positions)};
  options.latent = facts.at("dim_latent");
  return options;
}

struct TextInput {
  Tensor ids, mask;
};

// Ids by the integer rule; from each row's length on, ids and mask are 0.
TextInput text_of(const nlohmann::json& facts) {
  const auto shape = facts.at("shape").get<golden::Shape>();
  const auto ids = golden::integers(facts.at("key").get<std::string>(),
                                    static_cast<std::size_t>(shape[0] * shape[1]), facts.at("lo"),
                                    facts.at("hi"));
  const Tensor lengths = at::tensor(facts.at("lengths").get<std::vector<std::int64_t>>());
  const Tensor mask = at::arange(shape[1]).unsqueeze(0).lt(lengths.unsqueeze(1)).to(at::kLong);
  return {at::tensor(ids).view(shape) * mask, mask};
}

struct Outputs {
  Tensor image, text;  ///< embeddings
};

Outputs check_ctclip(golden::Golden& golden, ClassFine& network, double ids_that_may_differ) {
  CtClip& model = network->model();
  Ctvit& image = model->image_encoder();
  const Tensor volume = golden::input(golden.facts().at("input").at("video"));
  Tensor tokens = image->embed_patches(volume);
  golden::check(golden, "patch_embedding", tokens);
  golden::check(golden, "spatial_bias", image->spatial_bias());
  tokens = image->spatial(tokens);
  golden::check(golden, "after_spatial", tokens);
  tokens = image->temporal(tokens);
  golden::check(golden, "encoded_before_vq", tokens);
  const Tensor ids = image->quantise(tokens);
  golden::check(golden, "codebook_ids", ids, ids_that_may_differ);
  tokens = image->codes(ids);
  golden::check(golden, "encoded_tokens", tokens);
  golden::check(
      golden, "pooled_over_time",
      pool_over_time(tokens).view(
          golden.facts().at("tensors").at("pooled_over_time").at("shape").get<golden::Shape>()));
  const TextInput text = text_of(golden.facts().at("text"));
  const Tensor hidden = model->text_encoder()->forward(text.ids, text.mask);
  golden::check(golden, "text_hidden_cls", hidden.select(1, 0));
  if (golden.facts().at("tensors").contains("text_hidden")) {
    golden::check(golden, "text_hidden", hidden);
  }
  const Outputs outputs{model->project_image(tokens), model->embed_text(text.ids, text.mask)};
  golden::check(golden, "image_latents", l2_normalise(outputs.image));
  golden::check(golden, "text_latents", l2_normalise(outputs.text));
  golden::check(golden, "lipro_logits", network->classify(outputs.image));
  return outputs;
}

ClassFine network_of(const golden::Golden& golden) {
  ClassFine network(options_of(golden.facts()));
  network->eval();
  golden::fill(*network->model());
  golden::fill(*network->named_children()["classifier"], "classifier.");
  golden::expect_state_dict(golden, *network->model());
  return network;
}

TEST(GoldenCtClip, Tiny) {
  const c10::InferenceMode inference;
  golden::Golden golden("ctclip", "tiny");
  ClassFine network = network_of(golden);
  const Outputs outputs = check_ctclip(golden, network, 0);
  // Every image beside its own text.
  const Tensor similarity = network->model()->similarity(outputs.image, outputs.text);
  golden::check(golden, "similarity", similarity.diagonal());
  golden::check(golden, "softmax_over_prompts", at::softmax(similarity.diagonal(), -1));
  golden::check(golden, "contrastive_loss", contrastive_loss(similarity));
}

TEST(GoldenSlowCtClip, Full) {
  const c10::InferenceMode inference;
  golden::Golden golden("ctclip", "full");
  ClassFine network = network_of(golden);
  const Outputs outputs = check_ctclip(golden, network, 0);
  const Tensor similarity = network->model()->similarity(outputs.image, outputs.text);
  golden::check(golden, "similarity", similarity[0]);
  golden::check(golden, "softmax_over_prompts", at::softmax(similarity[0], -1));
}

}  // namespace
}  // namespace thorax::nets
