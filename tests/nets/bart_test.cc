#include "nets/bart.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nets/bart_writer.h"
#include "nets/draws.h"
#include "torch_golden.h"

namespace thorax::nets {
namespace {

BartOptions options_of(const nlohmann::json& model) {
  const auto number = [&](const char* name) { return model.at(name).get<std::int64_t>(); };
  return {.vocabulary = number("vocab_size"),
          .size = number("d_model"),
          .encoder_layers = number("encoder_layers"),
          .decoder_layers = number("decoder_layers"),
          .encoder_heads = number("encoder_attention_heads"),
          .decoder_heads = number("decoder_attention_heads"),
          .encoder_hidden = number("encoder_ffn_dim"),
          .decoder_hidden = number("decoder_ffn_dim"),
          .positions = number("max_position_embeddings")};
}

Tensor ids_of(const nlohmann::json& rows) {
  std::vector<Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(at::tensor(row.get<std::vector<std::int64_t>>()));
  return at::stack(tensors);
}

void check_network(const std::string& config) {
  const c10::InferenceMode inference;
  golden::Golden golden("bart", config);
  Bart network(options_of(golden.facts().at("model_config")));
  network->eval();
  golden::fill(*network);
  golden::expect_state_dict(golden, *network);
  const Tensor mask = ids_of(golden.facts().at("src_mask"));
  const Tensor labels = ids_of(golden.facts().at("labels"));
  const BartEncoded encoded = network->encode(ids_of(golden.facts().at("src_ids")), mask);
  golden::check(golden, "encoder_embedding", encoded.embedding);
  golden::check(golden, "encoder_attention0", encoded.first_attention);
  golden::check(golden, "encoder_last", encoded.last);
  const Tensor input = shift_right(labels, 2, 1);
  const BartDecoded decoded = network->decode(input, encoded.last, mask);
  golden::check(golden, "decoder_embedding", decoded.embedding);
  golden::check(golden, "cross_attention_layer0", decoded.cross_attentions.front());
  golden::check(golden, "cross_attention_last", decoded.cross_attentions.back());
  golden::check(golden, "decoder_last", decoded.last);
  golden::check(golden, "logits", decoded.logits);
  golden::check(golden, "loss", text_loss(decoded.logits, labels));

  // Token by token gives what all at once gives.
  BartMemory memory = network->remember(encoded.last, mask, /*beams=*/1);
  const Tensor same = at::arange(input.size(0), at::kLong);
  for (std::int64_t t = 0; t < std::min<std::int64_t>(input.size(1), 6); ++t) {
    const Tensor step = network->step(input.select(1, t), same, memory);
    EXPECT_TRUE(at::allclose(step, decoded.logits.select(1, t), 1e-4, 1e-4)) << t;
  }
}

TEST(GoldenBart, Reduced) {
  check_network("tiny");
}
TEST(GoldenBartFull, BaseSize) {
  check_network("full");
}

GenerationOptions generation_of(const nlohmann::json& args) {
  GenerationOptions options;
  const auto optional = [&](const char* name, std::optional<std::int64_t>& value) {
    if (args.contains(name) && !args.at(name).is_null()) value = args.at(name).get<std::int64_t>();
  };
  options.beams = args.at("num_beams").get<std::int64_t>();
  options.max_length = args.at("max_length").get<std::int64_t>();
  options.min_length = args.value("min_length", options.min_length);
  options.no_repeat_ngram = args.value("no_repeat_ngram_size", options.no_repeat_ngram);
  options.repetition_penalty = args.value("repetition_penalty", options.repetition_penalty);
  options.length_penalty = args.value("length_penalty", options.length_penalty);
  options.early_stopping = args.value("early_stopping", options.early_stopping);
  options.sequences = args.value("num_return_sequences", options.sequences);
  optional("forced_bos_token_id", options.forced_first);
  optional("forced_eos_token_id", options.forced_last);
  return options;
}

TEST(GoldenBart, GeneratesTheSameSequences) {
  const c10::InferenceMode inference;
  golden::Golden golden("bart", "generate_tiny");
  const Tensor ids = ids_of(golden.facts().at("src_ids"));
  const Tensor mask = ids_of(golden.facts().at("src_mask"));
  double different = 0, worst_score = 0;
  for (const auto& run : golden.facts().at("runs")) {
    Bart network(options_of(golden.facts().at("config")));
    network->eval();
    golden::fill(*network);
    network->final_logits_bias *= run.at("bias_scale").get<double>();
    network->final_logits_bias.select(1, 2) += run.at("eos_bias").get<double>();
    const Tensor rows = at::tensor(run.at("rows").get<std::vector<std::int64_t>>());
    const Tensor row_mask = mask.index_select(0, rows);
    const Tensor encoded = network->encode(ids.index_select(0, rows), row_mask).last;
    const GenerationOptions options = generation_of(run.at("args"));
    std::size_t number = 0;
    for (const auto& source : write_text(network, encoded, row_mask, options)) {
      for (const GeneratedSequence& sequence : source) {
        const auto expected = run.at("sequences").at(number).get<std::vector<std::int64_t>>();
        std::vector<std::int64_t> tokens = sequence.tokens;
        tokens.resize(std::max(expected.size(), tokens.size()), options.padding);
        EXPECT_EQ(tokens, expected) << run.at("name") << " " << number;
        different += tokens != expected;
        if (run.contains("sequences_scores")) {
          const double score = run.at("sequences_scores").at(number).get<double>();
          worst_score = std::max(worst_score, std::abs(sequence.score - score) / std::abs(score));
        }
        ++number;
      }
    }
    EXPECT_EQ(number, run.at("sequences").size());
  }
  golden.record("sequences that differ", different, 0);
  golden.record("sequence scores", worst_score, golden::kFp32Bound);
}

TEST(Bart, ReadsAnyEncoderOutput) {
  const c10::InferenceMode inference;
  Bart network(BartOptions{.vocabulary = 20,
                           .size = 8,
                           .encoder_layers = 1,
                           .decoder_layers = 1,
                           .encoder_heads = 2,
                           .decoder_heads = 2,
                           .encoder_hidden = 8,
                           .decoder_hidden = 8,
                           .positions = 6});
  network->eval();
  golden::fill(*network);
  GenerationOptions options = bart_base_generation();
  options.max_length = 6;
  const auto texts = write_text(network, at::ones({1, 3, 8}), {}, options);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts[0][0].tokens.front(), options.start);
  EXPECT_LE(texts[0][0].tokens.size(), 6u);
  EXPECT_THROW(network->encode(at::zeros({1, 7}, at::kLong), {}), Error);
}

TEST(Bart, DropsWhileLearningAsItsSeedSays) {
  const c10::InferenceMode inference;
  golden::Golden golden("bart", "tiny");
  Bart network(options_of(golden.facts().at("model_config")));
  golden::fill(*network);
  const Tensor input = shift_right(ids_of(golden.facts().at("labels")), 2, 1);
  const Tensor encoded =
      at::zeros({input.size(0), 3, golden.facts().at("model_config").at("d_model").get<int>()});
  const auto decode = [&](std::uint64_t seed) {
    seed_draws(seed);
    return network->decode(input, encoded, {});
  };
  network->train();
  const BartDecoded learning = decode(1);
  EXPECT_TRUE(decode(1).logits.equal(learning.logits));
  EXPECT_FALSE(at::allclose(decode(2).logits, learning.logits));
  // Where it looked is told before dropout: it adds up to 1.
  EXPECT_TRUE(at::allclose(learning.cross_attentions.front().sum(-1),
                           at::ones_like(learning.cross_attentions.front().sum(-1))));
  network->eval();
  EXPECT_TRUE(decode(1).logits.equal(decode(2).logits));
}

}  // namespace
}  // namespace thorax::nets
