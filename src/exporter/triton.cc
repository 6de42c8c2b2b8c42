#include "exporter/triton.h"

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/files.h"

namespace thorax::exporter {
namespace {

namespace fs = std::filesystem;

/// A name between quotes; the names of models and tensors have no others that would need care.
std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

/// The sides of an item, the batch aside.
std::string item_sides(const weights::TensorInfo& tensor, const char* between) {
  std::string text;
  for (std::size_t i = 1; i < tensor.shape.size(); ++i)
    text += (i > 1 ? between : "") + std::to_string(tensor.shape[i]);
  return text;
}

void add_tensor(std::ostream& out, const char* kind, const weights::TensorInfo& tensor,
                const std::string& name, bool labelled) {
  out << kind << " [ { name: " << quoted(name) << " data_type: TYPE_FP32 dims: [ "
      << item_sides(tensor, ", ") << " ]" << (labelled ? " label_filename: \"labels.txt\"" : "")
      << " } ]\n";
}

bool has_output(const Exported& model, const std::string& name) {
  return std::any_of(model.function.outputs.begin(), model.function.outputs.end(),
                     [&](const weights::TensorInfo& output) { return output.name == name; });
}

/// The name of a head's answer among those of all heads.
std::string answer_name(const Exported& head) {
  return head.manifest.name + "_" + head.function.outputs.at(0).name;
}

std::string lines(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += text + '\n';
  return out;
}

/// Puts the files of an exported model where the server looks for version 1.
void place(const fs::path& exported, const fs::path& model, const Exported& what,
           std::int64_t largest_batch) {
  fs::create_directories(model / "1");
  for (const weights::ModelFile& file : what.manifest.files)
    if (file.name.starts_with("model.onnx"))
      fs::rename(exported / file.name, model / "1" / file.name);
  write_file(model / "config.pbtxt", triton_config(what, largest_batch));
  if (!what.manifest.labels.empty()) write_file(model / "labels.txt", lines(what.manifest.labels));
}

}  // namespace

std::string triton_config(const Exported& model, std::int64_t largest_batch) {
  std::ostringstream out;
  out << "name: " << quoted(model.manifest.name) << "\nplatform: \"onnxruntime_onnx\"\n"
      << "max_batch_size: " << largest_batch << '\n';
  for (const weights::TensorInfo& input : model.function.inputs)
    add_tensor(out, "input", input, input.name, false);
  for (const weights::TensorInfo& output : model.function.outputs)
    add_tensor(out, "output", output, output.name,
               !model.manifest.labels.empty() && output.name == model.function.outputs[0].name);
  out << "dynamic_batching { preferred_batch_size: [ " << std::min<std::int64_t>(8, largest_batch)
      << " ] max_queue_delay_microseconds: 2000 }\n"
      << "instance_group [ { count: 1 kind: KIND_AUTO } ]\n";
  return out.str();
}

std::string triton_ensemble(const Exported& model, const std::vector<Exported>& heads,
                            std::int64_t largest_batch) {
  const weights::TensorInfo& input = model.function.inputs.at(0);
  std::ostringstream out;
  out << "name: " << quoted(model.manifest.name + "_heads") << "\nplatform: \"ensemble\"\n"
      << "max_batch_size: " << largest_batch << '\n';
  add_tensor(out, "input", input, input.name, false);
  for (const Exported& head : heads)
    add_tensor(out, "output", head.function.outputs.at(0), answer_name(head), false);
  const auto add_step = [&](const Exported& step, const std::string& from, const std::string& in,
                            const std::string& to, const std::string& result) {
    out << "  step [ { model_name: " << quoted(step.manifest.name)
        << " model_version: -1\n    input_map { key: " << quoted(in) << " value: " << quoted(from)
        << " }\n    output_map { key: " << quoted(to) << " value: " << quoted(result) << " } } ]\n";
  };
  out << "ensemble_scheduling {\n";
  add_step(model, input.name, input.name, "embedding", "embedding");
  for (const Exported& head : heads)
    add_step(head, "embedding", head.function.inputs.at(0).name, head.function.outputs.at(0).name,
             answer_name(head));
  out << "}\n";
  return out.str();
}

std::string tensorrt_script(const std::vector<Exported>& models, std::int64_t largest_batch,
                            bool half) {
  std::string script = R"sh(#!/usr/bin/env bash
# to_tensorrt.sh: makes a TensorRT engine of every model here, in NVIDIA's container, for the GPU of
# this machine, and lets the server use it in place of the ONNX file. TENSORRT_IMAGE names another
# container: take the release of your Triton server.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image=${TENSORRT_IMAGE:-nvcr.io/nvidia/tensorrt:24.08-py3}

build() { # MODEL MIN OPT MAX
  docker run --rm --gpus all -v "$here:/models" "$image" trtexec \
    --onnx="/models/$1/1/model.onnx" --saveEngine="/models/$1/1/model.plan" \
    --minShapes="$2" --optShapes="$3" --maxShapes="$4")sh";
  script += half ? " --fp16\n" : "\n";
  script +=
      R"sh(  sed -i 's/^platform: "onnxruntime_onnx"/platform: "tensorrt_plan"/' "$here/$1/config.pbtxt"
}

)sh";
  const std::int64_t usual = std::min<std::int64_t>(8, largest_batch);
  for (const Exported& model : models) {
    const weights::TensorInfo& input = model.function.inputs.at(0);
    script += "build " + quoted(model.manifest.name);
    for (const std::int64_t batch : {std::int64_t{1}, usual, largest_batch})
      script += " " + input.name + ":" + std::to_string(batch) + "x" + item_sides(input, "x");
    script += "\n";
  }
  return script;
}

std::vector<Exported> export_triton(const TritonRequest& request, const Progress& progress) {
  check_target(request.model.out);
  NewFolder folder(request.model.out);
  const fs::path work = folder.path() / "work";
  std::vector<fs::path> sources{request.model.model};
  sources.insert(sources.end(), request.heads.begin(), request.heads.end());
  std::vector<Exported> all;
  fs::create_directories(work);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    ExportRequest one = request.model;
    one.model = sources[i];
    one.out = work / std::to_string(i);
    const auto parts = static_cast<double>(sources.size());
    all.push_back(export_model(
        one, progress.part(static_cast<double>(i) / parts, static_cast<double>(i + 1) / parts)));
    place(one.out, folder.path() / all.back().manifest.name, all.back(), request.largest_batch);
  }
  for (const char* name : {"model.json", "CARD.md"})
    fs::rename(work / "0" / name, folder.path() / name);
  fs::remove_all(work);
  const Exported& model = all.front();
  const std::vector<Exported> heads(all.begin() + 1, all.end());
  if (!heads.empty()) {
    if (!has_output(model, "embedding"))
      throw Error("bad_option"_code, {{"option", "MODEL"},
                                      {"value", model.manifest.name},
                                      {"hint", "a model with an output \"embedding\""}});
    const fs::path ensemble = folder.path() / (model.manifest.name + "_heads");
    fs::create_directories(ensemble / "1");
    write_file(ensemble / "config.pbtxt", triton_ensemble(model, heads, request.largest_batch));
  }
  const fs::path script = folder.path() / "to_tensorrt.sh";
  write_file(script,
             tensorrt_script(all, request.largest_batch, request.model.precision == "fp16"));
  fs::permissions(script, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add);
  folder.commit();
  return all;
}

}  // namespace thorax::exporter
