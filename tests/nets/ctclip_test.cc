#include "nets/ctclip.h"

#include <gtest/gtest.h>

#include "nets/position_conv.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

// In bfloat16: of tensors, relative to the largest value; share of tokens with another code; of the
// embedding's direction.
constexpr double kHalfBound = 0.03;
constexpr double kHalfIds = 0.1;
struct HalfBounds {
  double tokens;  ///< before quantisation, relative to the largest value
  double angle;   ///< 1 - cosine of the embeddings
  double logit;   ///< of a class; a class whose logit is farther from 0 does not change sides
};
// A token of the small network weighs a hundred times as much as one of the published size.
constexpr HalfBounds kHalfTiny{0.06, 0.1, 0.12};
constexpr HalfBounds kHalfFull{0.02, 0.03, 0.0};

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

// Full size, 13824 tokens: at these two codes are equally similar to within 5e-6, so that rounding
// decides. What follows is compared from the reference's choice.
struct Tie {
  std::int64_t token, reference, other;
};
constexpr Tie kFullTies[] = {{153, 6263, 3586},  {740, 5526, 5500},  {1650, 4406, 3964},
                             {2306, 4715, 5965}, {2594, 2567, 1258}, {7713, 3077, 289},
                             {8023, 2585, 945}};

Tensor settle_ties(const Tensor& ids, std::span<const Tie> ties) {
  Tensor flat = ids.flatten().clone();
  auto* const values = flat.data_ptr<std::int64_t>();
  for (const Tie& tie : ties) {
    if (values[tie.token] == tie.other) values[tie.token] = tie.reference;
  }
  return flat.view(ids.sizes());
}

struct Outputs {
  Tensor image, text;  ///< embeddings
};

Outputs check_ctclip(golden::Golden& golden, ClassFine& network, std::span<const Tie> ties) {
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
  const Tensor ids = settle_ties(image->quantise(tokens), ties);
  golden::check(golden, "codebook_ids", ids);
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
  const Outputs outputs = check_ctclip(golden, network, {});
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
  const Outputs outputs = check_ctclip(golden, network, kFullTies);
  const Tensor similarity = network->model()->similarity(outputs.image, outputs.text);
  golden::check(golden, "similarity", similarity[0]);
  golden::check(golden, "softmax_over_prompts", at::softmax(similarity[0], -1));
}

// Half precision: tokens before quantisation stay close; where another code is chosen the embedding
// turns a little, and no class changes sides.
void check_half(const std::string& config, const HalfBounds& bounds) {
  const c10::InferenceMode inference;
  golden::Golden golden("ctclip", config, "bf16");
  ClassFine network = network_of(golden);
  const Tensor volume = golden::input(golden.facts().at("input").at("video"));
  const Tensor expected = l2_normalise(network->model()->embed_image(volume));
  const Tensor classes = network->classify(expected);
  convert(*network, at::kBFloat16);
  Ctvit& image = network->model()->image_encoder();
  const Tensor tokens = image->temporal(image->spatial(image->embed_patches(volume)));
  golden::check(golden, "encoded_before_vq", tokens, bounds.tokens);
  const Tensor ids = image->quantise(tokens);
  golden::check(golden, "codebook_ids", ids, kHalfIds);
  const Tensor latents =
      l2_normalise(network->model()->project_image(image->codes(ids)).to(at::kFloat));
  golden.record("1 - cosine of image_latents",
                1 - (latents * expected).sum(-1).min().item<double>(), bounds.angle);
  const Tensor logits = network->classify(latents).to(at::kFloat);
  const Tensor changed = logits.sign().ne(classes.sign());
  golden.record("lipro_logits that change sides",
                at::where(changed, classes.abs(), at::zeros_like(classes)).max().item<double>(),
                bounds.logit);
  const TextInput text = text_of(golden.facts().at("text"));
  golden::check(golden, "text_latents",
                l2_normalise(network->model()->embed_text(text.ids, text.mask)), kHalfBound);
}

TEST(GoldenCtClip, Half) {
  check_half("tiny", kHalfTiny);
}
TEST(GoldenSlowCtClip, Half) {
  check_half("full", kHalfFull);
}

// The convolution on tokens against libtorch's, on a grid with a border
// everywhere and a number of channels that does not fill the registers.
TEST(PositionConv, IsTheConvolutionOfTheLibrary) {
  const Tensor x = at::rand({2, 3, 2, 4, 80}), weight = at::rand({80, 1, 3, 3, 3}) - 0.5,
               bias = at::rand({80});
  const Tensor padded = at::constant_pad_nd(x.permute({0, 4, 1, 2, 3}), {1, 1, 1, 1, 2, 0});
  const Tensor expected =
      at::convolution(padded, weight, bias, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}, false, {0, 0, 0}, 80)
          .permute({0, 2, 3, 4, 1}) +
      x;
  EXPECT_TRUE(at::allclose(add_position_conv(x, weight, bias), expected, 1e-5, 1e-5));
  const Tensor half = add_position_conv(x.to(at::kBFloat16), weight, bias);
  EXPECT_EQ(half.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(at::allclose(half.to(at::kFloat), expected, 0.02, 0.02));
}

TEST(Ctvit, TrainingAndInferenceAgree) {
  golden::Golden golden("ctclip", "tiny");
  ClassFine network = network_of(golden);
  const Tensor volume = golden::input(golden.facts().at("input").at("video"));
  Ctvit& image = network->model()->image_encoder();
  const Tensor with_gradients = image->temporal(image->spatial(image->embed_patches(volume)));
  ASSERT_TRUE(with_gradients.requires_grad());
  const c10::InferenceMode inference;
  const Tensor without = image->temporal(image->spatial(image->embed_patches(volume)));
  EXPECT_TRUE(at::allclose(with_gradients, without, 1e-4, 1e-4));
}

TEST(CtImageEncoder, IsTheImageHalfUnderOtherKeys) {
  const c10::InferenceMode inference;
  golden::Golden golden("ctclip", "tiny");
  const CtClipOptions options = options_of(golden.facts());
  ClassFine whole = network_of(golden);
  CtImageEncoder half(options);
  golden::fill(*half->named_children()["VIT"], "visual_transformer.");
  golden::fill(*half->named_children()["projection_layer"], "to_visual_latent.");
  EXPECT_EQ(state_dict(*half).front().first, "VIT.spatial_rel_pos_bias.net.0.0.weight");
  const Tensor volume = golden::input(golden.facts().at("input").at("video"));
  EXPECT_TRUE(half->forward(volume).equal(whole->model()->embed_image(volume)));
  // ClassFine as a whole gives what its parts gave.
  EXPECT_TRUE(whole->forward(volume).equal(whole->classify(half->forward(volume))));
}

TEST(ZeroShot, ScoresEachNameByItsTwoPrompts) {
  const auto prompts = zero_shot_prompts({"Lung nodule", "Emphysema"});
  EXPECT_EQ(prompts,
            (std::vector<std::string>{"Lung nodule is present.", "Lung nodule is not present.",
                                      "Emphysema is present.", "Emphysema is not present."}));
  const Tensor scores = zero_shot_scores(at::tensor({1.0f, 1.0f, 2.0f, 0.0f}).view({1, 4}));
  EXPECT_FLOAT_EQ(scores[0][0].item<float>(), 0.5f);
  EXPECT_FLOAT_EQ(scores[0][1].item<float>(), 0.88079708f);
}

}  // namespace
}  // namespace thorax::nets
