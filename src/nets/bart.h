// BART: a text encoder and a decoder that writes (base size: 139 million parameters).
// Reference: Lewis et al., BART, ACL 2020; transformers 4.27.1, models/bart/modeling_bart.py.
#pragma once

#include <optional>

#include "nets/layers.h"

namespace thorax::nets {

struct BartOptions {
  std::int64_t vocabulary = 50265;
  std::int64_t size = 768;
  std::int64_t encoder_layers = 6, decoder_layers = 6;
  std::int64_t encoder_heads = 12, decoder_heads = 12;
  std::int64_t encoder_hidden = 3072, decoder_hidden = 3072;
  std::int64_t positions = 1024;  ///< longest text in tokens
  bool output_bias = true;        ///< a bias on the logits; files of the bare model have none
  double dropout = 0.1;           ///< while training, wherever the reference has one
};

/// Keys and values of an attention, [B, heads, tokens, head size].
struct KeysValues {
  Tensor keys, values;
};

/// Attention with separate projections. Batch first.
struct BartAttentionImpl : torch::nn::Module {
  BartAttentionImpl(std::int64_t size, std::int64_t heads, double dropout);
  KeysValues project(const Tensor& source);
  /// query [B, T, size]; mask undefined or added to the scores [B, heads, T, S]. `weights` receives
  /// the softmax, before dropout, where it is asked for.
  Tensor forward(const Tensor& query, const KeysValues& source, const Tensor& mask,
                 Tensor* weights = nullptr);

 private:
  std::int64_t heads_;
  double dropout_;
  Linear k_{nullptr}, v_{nullptr}, q_{nullptr}, out_{nullptr};
};
TORCH_MODULE(BartAttention);

/// One layer of the encoder, or of the decoder, which also looks at the encoder's output.
struct BartLayerImpl : torch::nn::Module {
  BartLayerImpl(std::int64_t size, std::int64_t heads, std::int64_t hidden, bool decoder,
                double dropout);

  /// The attention's output added to x and normalised.
  Tensor self(const Tensor& x, const KeysValues& source, const Tensor& mask,
              Tensor* weights = nullptr);
  Tensor cross(const Tensor& x, const KeysValues& source, const Tensor& mask,
               Tensor* weights = nullptr);
  Tensor feed_forward(const Tensor& x);
  KeysValues self_source(const Tensor& x) { return self_attention_->project(x); }
  KeysValues cross_source(const Tensor& encoded) { return cross_attention_->project(encoded); }

 private:
  Tensor dropped(const Tensor& x) const;

  double dropout_;
  BartAttention self_attention_{nullptr}, cross_attention_{nullptr};
  LayerNorm self_norm_{nullptr}, cross_norm_{nullptr}, final_norm_{nullptr};
  Linear fc1_{nullptr}, fc2_{nullptr};
};
TORCH_MODULE(BartLayer);

/// A weight that has more than one name in a checkpoint.
struct SharedWeightImpl : torch::nn::Module {
  explicit SharedWeightImpl(const Tensor& shared) { register_parameter("weight", shared); }
};
TORCH_MODULE(SharedWeight);

/// Embeddings and layers of one side.
struct BartStackImpl : torch::nn::Module {
  BartStackImpl(const BartOptions& options, bool decoder, const Tensor& shared);
  /// ids [B, T] at positions first, first + 1, ... -> [B, T, size], normalised. Throws
  /// Error("bad_network_input"_code) beyond the longest text.
  Tensor embed(const Tensor& ids, std::int64_t first = 0);
  std::vector<BartLayer>& layers() { return layers_; }

 private:
  double dropout_;
  Tensor shared_;
  Embedding positions_{nullptr};
  LayerNorm norm_{nullptr};
  std::vector<BartLayer> layers_;
};
TORCH_MODULE(BartStack);

struct BartEncoded {
  Tensor embedding;        ///< [B, S, size]
  Tensor last;             ///< [B, S, size], what the decoder reads
  Tensor first_attention;  ///< [B, heads, S, S]
};

struct BartDecoded {
  Tensor embedding;                      ///< [B, T, size]
  Tensor last;                           ///< [B, T, size]
  std::vector<Tensor> cross_attentions;  ///< of each layer, [B, heads, T, S]
  Tensor logits;                         ///< [B, T, vocabulary]
};

/// What a decoder remembers of the rows it is writing. Rows are source * beams + beam.
struct BartMemory {
  std::int64_t beams = 1;
  std::int64_t length = 0;        ///< tokens so far
  std::vector<KeysValues> self;   ///< of each layer, [rows, heads, length, head size]
  std::vector<KeysValues> cross;  ///< of each layer, [sources, heads, S, head size]
  Tensor mask;                    ///< undefined or [sources, 1, 1, S]
};

struct BartImpl : torch::nn::Module {
  explicit BartImpl(const BartOptions& options);

  /// ids [B, S]; mask undefined or [B, S], 0 where padded.
  BartEncoded encode(const Tensor& ids, const Tensor& mask);
  /// Decoder ids [B, T] all at once, each position seeing those before it. `encoded` may be any
  /// [B, S, size], such as the text tokens of a ReportHead.
  BartDecoded decode(const Tensor& ids, const Tensor& encoded, const Tensor& mask);

  /// For writing token by token: the encoder's part, computed once.
  BartMemory remember(const Tensor& encoded, const Tensor& mask, std::int64_t beams);
  /// Row r continues row from[r] with token ids[r]; logits of the next token, [rows, vocabulary].
  /// from is undefined in the first step.
  Tensor step(const Tensor& ids, const Tensor& from, BartMemory& memory);

  Tensor final_logits_bias;  ///< [1, vocabulary], a buffer of the checkpoint; may be undefined

 private:
  Tensor logits(const Tensor& hidden);

  Tensor shared_;
  BartStack encoder_{nullptr}, decoder_{nullptr};
};
TORCH_MODULE(Bart);

/// Decoder input for training: labels [B, T] moved right by one, the first token `start`, -100
/// replaced by `padding`.
Tensor shift_right(const Tensor& labels, std::int64_t start, std::int64_t padding);
/// Mean cross entropy over the labels that are not -100. Scalar.
Tensor text_loss(const Tensor& logits, const Tensor& labels);

}  // namespace thorax::nets
