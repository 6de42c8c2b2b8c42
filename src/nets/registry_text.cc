// Networks that write: BART, and the report head with its BART.
#include "nets/bart_writer.h"
#include "nets/registry.h"
#include "nets/report_head.h"

namespace thorax::nets {
namespace {

using weights::DType;
using Tensors = std::vector<at::Tensor>;

BartOptions read_bart(Config& config) {
  BartOptions options;
  config.maybe("vocabulary", options.vocabulary);
  config.maybe("size", options.size);
  config.maybe("encoder_layers", options.encoder_layers);
  config.maybe("decoder_layers", options.decoder_layers);
  config.maybe("encoder_heads", options.encoder_heads);
  config.maybe("decoder_heads", options.decoder_heads);
  config.maybe("encoder_hidden", options.encoder_hidden);
  config.maybe("decoder_hidden", options.decoder_hidden);
  config.maybe("positions", options.positions);
  config.maybe("output_bias", options.output_bias);
  return options;
}

GenerationOptions read_generation(Config& config) {
  GenerationOptions options = bart_base_generation();
  options.max_length = 256;
  config.maybe("beams", options.beams);
  config.maybe("max_length", options.max_length);
  config.maybe("min_length", options.min_length);
  config.maybe("no_repeat_ngram", options.no_repeat_ngram);
  config.maybe("length_penalty", options.length_penalty);
  config.maybe("repetition_penalty", options.repetition_penalty);
  config.maybe("early_stopping", options.early_stopping);
  return options;
}

/// The best sequence of each row, padded to the longest: [B, T].
at::Tensor written(const Bart& bart, const at::Tensor& encoded, const at::Tensor& mask,
                   const GenerationOptions& options) {
  const auto texts = write_text(bart, encoded, mask, options);
  std::size_t longest = 0;
  for (const auto& text : texts) longest = std::max(longest, text.front().tokens.size());
  at::Tensor ids =
      at::full({std::ssize(texts), static_cast<std::int64_t>(longest)}, options.padding, at::kLong);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const auto& tokens = texts[row].front().tokens;
    ids[static_cast<std::int64_t>(row)].narrow(0, 0, std::ssize(tokens)).copy_(at::tensor(tokens));
  }
  return ids;
}

Network build_bart(Config& config) {
  const BartOptions options = read_bart(config);
  const GenerationOptions generation = read_generation(config);
  Bart model(options);
  const weights::TensorInfo ids{"ids", DType::i64, {-1, -1}}, mask{"mask", DType::i64, {-1, -1}};
  return {model.ptr(),
          {{"encode",
            {ids, mask},
            {{"encoded", DType::f32, {-1, -1, options.size}}},
            [model](const Tensors& in) mutable {
              return Tensors{model->encode(in.at(0), in.at(1)).last};
            }},
           {"write",
            {ids, mask},
            {{"tokens", DType::i64, {-1, -1}}},
            [model, generation](const Tensors& in) mutable {
              const at::Tensor encoded = model->encode(in.at(0), in.at(1)).last;
              return Tensors{written(model, encoded, in.at(1), generation)};
            }}},
          {},
          {}};
}

/// Configuration of the BART whose keys begin with `prefix`; nothing when it is not there.
std::optional<nlohmann::json> bart_config(const Shapes& shapes, const std::string& prefix) {
  const Shape shared = shape_of(shapes, prefix + "shared.weight", 2);
  const Shape positions = shape_of(shapes, prefix + "decoder.embed_positions.weight", 2);
  const Shape encoder = shape_of(shapes, prefix + "encoder.layers.0.fc1.weight", 2);
  const Shape decoder = shape_of(shapes, prefix + "decoder.layers.0.fc1.weight", 2);
  if (shared.empty() || positions.empty() || encoder.empty() || decoder.empty()) return {};
  const std::int64_t heads = usual_heads(shared[1]);
  return nlohmann::json{
      {"vocabulary", shared[0]},
      {"size", shared[1]},
      {"encoder_layers", count_layers(shapes, prefix + "encoder.layers.", ".fc1.weight")},
      {"decoder_layers", count_layers(shapes, prefix + "decoder.layers.", ".fc1.weight")},
      {"encoder_heads", heads},
      {"decoder_heads", heads},
      {"encoder_hidden", encoder[0]},
      {"decoder_hidden", decoder[0]},
      {"positions", positions[0] - 2}};
}

std::optional<Recognised> recognise_bart(const Shapes& shapes) {
  // The file of facebook/bart-base is that of the bare model: no prefix, no output layer.
  const bool bare = shapes.contains("shared.weight");
  const auto config = bart_config(shapes, bare ? "" : "model.");
  if (!config) return {};
  Recognised found;
  found.task = "text-generation";
  found.config = *config;
  found.config["output_bias"] = shapes.contains("final_logits_bias");
  if (bare) {
    for (const auto& [key, shape] : shapes) found.renamed[key] = "model." + key;
  }
  return found;
}

/// Keys bridge.*, classifier.* and bart.*.
struct ReportWriterImpl : ReportHeadImpl {
  ReportWriterImpl(const ReportHeadOptions& head, const BartOptions& text) : ReportHeadImpl(head) {
    bart = register_module("bart", Bart(text));
  }
  Bart bart{nullptr};
};
TORCH_MODULE(ReportWriter);

Network build_report_writer(Config& config) {
  ReportHeadOptions head;
  config.maybe("embedding_size", head.embedding_size);
  config.maybe("bridge_heads", head.heads);
  config.maybe("findings", head.findings);
  config.maybe("text_queries", head.text_queries);
  config.maybe("bridge_layers", head.encoder_layers);
  config.maybe("bridge_hidden", head.encoder_hidden);
  config.maybe("experts", head.experts);
  config.maybe("expert_hidden", head.expert_hidden);
  config.maybe("dropout", head.dropout);
  BartOptions text = read_bart(config);
  text.dropout = head.dropout;
  const GenerationOptions generation = read_generation(config);
  head.size = text.size;
  ReportWriter model(head, text);
  const weights::TensorInfo patches{"patches", DType::f32, {-1, -1, head.embedding_size}};
  return {
      model.ptr(),
      {{"logits",
        {patches},
        {{"logits", DType::f32, {-1, head.findings}}},
        [model](const Tensors& in) mutable {
          return Tensors{model->forward(in.at(0)).findings.logits};
        }},
       {"write",
        {patches},
        {{"tokens", DType::i64, {-1, -1}}, {"logits", DType::f32, {-1, head.findings}}},
        [model, generation](const Tensors& in) mutable {
          const auto output = model->forward(in.at(0));
          return Tensors{written(model->bart, output.bridge.text_tokens, {}, generation),
                         output.findings.logits};
        }}},
      {},
      {},
      [model, generation](const at::Tensor& embeddings, const at::Tensor& labels) mutable {
        const auto output = model->forward(embeddings);
        const BartDecoded decoded =
            model->bart->decode(shift_right(labels, generation.start, generation.padding),
                                output.bridge.text_tokens, {});
        return Network::Recited{output.findings.logits, decoded.logits, decoded.cross_attentions};
      }};
}

std::optional<Recognised> recognise_report_writer(const Shapes& shapes) {
  // Alone, or inside the whole model with its backbone.
  const std::string prefix = shapes.contains("head.bridge.proj.weight") ? "head." : "";
  const auto shape = [&](const char* key, std::size_t rank) {
    return shape_of(shapes, prefix + key, rank);
  };
  const Shape project = shape("bridge.proj.weight", 2);
  const Shape findings = shape("bridge.cls_queries", 3), text = shape("bridge.gen_queries", 3);
  const Shape hidden = shape("bridge.cls_encoder.layers.0.linear1.weight", 2);
  const Shape gate = shape("classifier.gate.0.weight", 2);
  const Shape expert = shape("classifier.experts.0.0.weight", 2);
  const auto bart = bart_config(shapes, prefix + "bart.model.");
  if (project.empty() || findings.empty() || text.empty() || hidden.empty() || gate.empty() ||
      expert.empty() || !bart) {
    return {};
  }
  Recognised found;
  found.task = "ct-report";
  found.config = *bart;
  found.config.update({{"embedding_size", project[1]},
                       {"findings", findings[1]},
                       {"text_queries", text[1]},
                       {"bridge_hidden", hidden[0]},
                       {"bridge_layers", count_layers(shapes, prefix + "bridge.cls_encoder.layers.",
                                                      ".linear1.weight")},
                       {"experts", gate[0]},
                       {"expert_hidden", expert[0]},
                       {"output_bias", shapes.contains(prefix + "bart.final_logits_bias")}});
  for (const auto& [key, unused] : shapes) {
    if (prefix.empty()) break;
    if (key.starts_with(prefix)) {
      found.renamed[key] = key.substr(prefix.size());
    } else {
      found.dropped.push_back(key);
    }
  }
  return found;
}

}  // namespace

std::vector<Registered> text_networks() {
  return {{"bart", build_bart, recognise_bart},
          {"report_writer", build_report_writer, recognise_report_writer}};
}

}  // namespace thorax::nets
