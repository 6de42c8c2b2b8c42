#include "exporter/export.h"

#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "engine/self_test.h"
#include "engine/torch_plugin.h"
#include "exporter/networks.h"
#include "exporter/onnx_writer.h"
#include "exporter/script_writer.h"
#include "weights/checkpoint.h"

namespace thorax::exporter {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::map<std::string, OnnxPrecision> kOnnxPrecisions{
    {"fp32", OnnxPrecision::fp32}, {"fp16", OnnxPrecision::fp16}, {"int8", OnnxPrecision::int8}};
constexpr const char* kExported = "exported";  // entry of the manifest

[[noreturn]] void bad_option(const std::string& option, const std::string& value,
                             const std::string& hint) {
  throw Error("bad_option"_code, {{"option", option}, {"value", value}, {"hint", hint}});
}

json differences_json(const std::vector<Difference>& differences) {
  json out = json::array();
  for (const Difference& one : differences)
    out.push_back({{"batch", one.batch},
                   {"output", one.output},
                   {"largest", one.largest},
                   {"relative", one.relative}});
  return out;
}

/// What the card says about the exported form, behind all that it says about the model.
std::string card_chapter(const weights::Manifest& manifest,
                         const std::vector<Difference>& differences) {
  std::ostringstream card;
  const json& exported = manifest.json.at(kExported);
  card << "\n## This form\n\nWritten by `thorax export` as "
       << (exported.at("format") == "onnx" ? "ONNX, operator set " + exported.at("opset").dump()
                                           : std::string("TorchScript"))
       << ", " << exported.at("precision").get<std::string>()
       << ". The pictures or volumes are prepared by Thorax, not by this file. Largest differences "
          "from the model itself on inputs made from nothing, absolute and relative to the largest "
          "value of the output:\n\n| output | batch | difference | relative |\n| --- | --- | --- | "
          "--- |\n";
  card.precision(2);
  for (const Difference& one : differences)
    card << "| " << one.output << " | " << one.batch << " | " << one.largest << " | "
         << one.relative << " |\n";
  return card.str();
}

const char* name_of(Format format) {
  return format == Format::onnx ? "onnx" : "torchscript";
}

std::vector<fs::path> write_as_onnx(const Graph& graph, const weights::Manifest& model,
                                    const ExportRequest& request, const fs::path& folder,
                                    const Progress& progress) {
  OnnxOptions options;
  options.precision = kOnnxPrecisions.at(request.precision);
  options.inline_limit = request.inline_limit;
  options.metadata = {{"model", model.name}, {"version", model.version}};
  return write_onnx(graph, folder / "model.onnx", options, progress);
}

std::vector<fs::path> write_as_script(const Graph& graph, const fs::path& folder,
                                      const Progress& progress) {
  progress.report("write", 0);
  const Script script = write_script(graph);
  const fs::path file = folder / "model.pt";
  engine::torch_plugin().save_script(script.source, script.tensors, file);
  return {file};
}

engine::FunctionInfo function_of(const Graph& graph) {
  engine::FunctionInfo function{"forward", {}, {}};
  for (const Port& port : graph.inputs())
    function.inputs.push_back({port.name, weights::DType::f32, port.value.sides});
  for (const Port& port : graph.outputs())
    function.outputs.push_back({port.name, weights::DType::f32, port.value.sides});
  return function;
}

/// The manifest of the exported form: the model's own in everything that feeding it and reading its
/// answers needs.
weights::Manifest exported_manifest(const weights::Manifest& model, const ExportRequest& request,
                                    const std::vector<fs::path>& files) {
  const bool onnx = request.format == Format::onnx;
  weights::Manifest manifest = model;
  json& exported = manifest.json[kExported];
  exported = {{"format", name_of(request.format)},
              {"precision", request.precision},
              {"network", model.network},
              {"weights_sha256", model.files.front().sha256}};
  if (onnx) exported["opset"] = kOpset;
  manifest.json["precision"] = "fp32";  // of its inputs and outputs
  for (const char* gone : {"engine", "onnx", "self_test"}) manifest.json.erase(gone);
  // What is taken for granted of a network has to be said of an ONNX file.
  if (model.network == "dinov2" && !model.json.contains("preprocessing"))
    manifest.json["preprocessing"] = "dinov2";
  manifest.network = name_of(request.format);
  manifest.weights = files.front().filename().string();
  manifest.files.clear();
  for (const fs::path& file : files) manifest.files.push_back(weights::describe_file(file));
  return manifest;
}

}  // namespace

void check_target(const fs::path& out) {
  if (!fs::exists(out)) return;
  const json manifest =
      json::parse(read_file_if_there(out / "model.json"), nullptr, /*allow_exceptions=*/false);
  if (!manifest.is_object() || !manifest.contains(kExported))
    bad_option("--out", out.string(), "--out FOLDER");
}

Exported export_model(const ExportRequest& request, const Progress& progress) {
  const bool onnx = request.format == Format::onnx;
  if (onnx ? !kOnnxPrecisions.contains(request.precision) : request.precision != "fp32")
    bad_option("--precision", request.precision, onnx ? "fp32 | fp16 | int8" : "fp32");
  check_target(request.out);
  Source source{weights::load_manifest(request.model), {}, {}};
  require_exportable(source.manifest, name_of(request.format));
  progress.report("read", 0);
  source.weights = weights::read_checkpoint(request.model / source.manifest.weights);
  engine::RunOptions run;
  run.engine = "torch";
  run.precision = "fp32";
  const auto native = engine::load(request.model, run);
  source.native = native->describe();
  const Graph graph = build_graph(source);

  NewFolder folder(request.out);
  const Progress writing = progress.part(0.1, 0.4);
  std::vector<fs::path> files =
      onnx ? write_as_onnx(graph, source.manifest, request, folder.path(), writing)
           : write_as_script(graph, folder.path(), writing);
  for (std::size_t i = 1; i < source.manifest.files.size(); ++i) {
    files.push_back(folder.path() / source.manifest.files[i].name);
    write_file(files.back(), read_file(request.model / source.manifest.files[i].name));
  }
  Exported out;
  out.manifest = exported_manifest(source.manifest, request, files);
  weights::write_manifest(folder.path(), out.manifest);

  const auto exported =
      onnx ? engine::load(folder.path(), {})
           : engine::torch_plugin().load_script(files.front(), function_of(graph), run);
  out.function = exported->describe().function({});
  out.differences = compare(*native, *exported, request.batches, progress.part(0.4, 0.95));
  require_same(out.differences, source.manifest.name, request.precision);
  out.manifest.json["self_test"] = engine::run_self_test(*exported, source.manifest.name);
  out.manifest.json[kExported]["runtime"] = exported->describe().runtime;
  out.manifest.json[kExported]["differences"] = differences_json(out.differences);
  weights::write_manifest(folder.path(), out.manifest);
  write_file(folder.path() / "CARD.md", read_file_if_there(request.model / "CARD.md") +
                                            card_chapter(out.manifest, out.differences));
  progress.report("write", 0.98);
  folder.commit();
  return out;
}

}  // namespace thorax::exporter
