// The loaded models as Triton and KServe offer theirs: /v2, version 2 of the inference protocol.
#include <charconv>

#include "base/error.h"
#include "base/version.h"
#include "engine/kserve.h"
#include "serve/api.h"
#include "serve/problem.h"

namespace thorax::serve {
namespace {

namespace kserve = engine::kserve;
using Parts = std::vector<std::string>;

// The protocol counts versions of a model; a model folder holds one.
constexpr const char* kVersion1 = "1";
constexpr std::uint64_t kSmallBody = 1 << 20;

[[noreturn]] void nothing_there(const Call& call) {
  throw Error("nothing_there"_code, {{"path", call.request.method + ' ' + call.request.path}});
}

/// What another Thorax needs beside the tensors' shapes; files and where they came from stay here.
nlohmann::json told_of(const weights::Manifest& manifest) {
  nlohmann::json told = manifest.json;
  for (const char* own : {"files", "weights", "sources", "self_test", "engine", "item_bytes"})
    told.erase(own);
  return told;
}

void answer_metadata(Context& context, Call& call, const std::string& name) {
  const auto model = context.models.get(name);
  nlohmann::json metadata = kserve::metadata(name, kVersion1, model->runner->describe());
  metadata["parameters"]["manifest"] = told_of(model->manifest);
  call.answer(metadata.dump(), "application/json");
}

/// The inputs in the function's order.
std::vector<weights::Tensor> in_order(const kserve::InferRequest& request,
                                      const engine::FunctionInfo& function) {
  std::vector<weights::Tensor> inputs;
  for (const weights::TensorInfo& info : function.inputs)
    for (const kserve::NamedTensor& given : request.inputs)
      if (given.name == info.name) inputs.push_back(given.tensor);
  if (inputs.size() != function.inputs.size() || inputs.size() != request.inputs.size())
    throw Error("bad_tensors"_code, {{"detail", "the inputs are not those of " + function.name}});
  return inputs;
}

/// The outputs that were asked for, and whether as bytes.
std::pair<std::vector<kserve::NamedTensor>, std::vector<bool>> wanted(
    const kserve::InferRequest& request, const engine::FunctionInfo& function,
    const std::vector<weights::Tensor>& tensors) {
  std::vector<kserve::WantedOutput> names = request.outputs;
  if (names.empty())
    for (const weights::TensorInfo& info : function.outputs)
      names.push_back({info.name, request.binary});
  std::pair<std::vector<kserve::NamedTensor>, std::vector<bool>> out;
  for (const kserve::WantedOutput& name : names) {
    std::size_t at = 0;
    while (at < tensors.size() && function.outputs[at].name != name.name) ++at;
    if (at == tensors.size())
      throw Error("bad_tensors"_code, {{"detail", "there is no output " + name.name}});
    out.first.push_back({name.name, tensors[at]});
    out.second.push_back(name.binary);
  }
  return out;
}

void answer_infer(Context& context, Call& call, const std::string& name) {
  const std::string body = call.read_body(context.options.max_infer);
  const std::string header = call.header(kserve::kLengthHeader);
  std::size_t json_bytes = 0;
  std::from_chars(header.data(), header.data() + header.size(), json_bytes);
  const kserve::InferRequest request = kserve::decode_request(body, json_bytes);
  const auto model = context.models.get(name);
  const engine::FunctionInfo& function = model->runner->describe().function(request.function);
  const Stopwatch watch;
  const std::vector<weights::Tensor> tensors =
      context.models.run(*model, in_order(request, function), request.function);
  context.metrics.observe("thorax_inference_seconds", watch.seconds(), {{"model", name}});
  auto [outputs, binary] = wanted(request, function, tensors);
  const kserve::Body answer =
      kserve::encode_answer({request.id, name, kVersion1, std::move(outputs)}, binary);
  if (answer.tensors.empty()) return call.answer(answer.json, "application/json");
  std::string bytes = answer.json;
  bytes.reserve(answer.bytes());
  for (const weights::Tensor& tensor : answer.tensors)
    bytes.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size());
  call.response.set_header(kserve::kLengthHeader, std::to_string(answer.json.size()));
  call.answer(bytes, "application/octet-stream");
}

void model_address(Context& context, Call& call, Parts rest) {
  const std::string name = rest.at(0);
  rest.erase(rest.begin());
  if (rest.size() >= 2 && rest[0] == "versions") {
    if (rest[1] != kVersion1) nothing_there(call);
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  const std::string what = rest.size() == 1 ? rest[0] : "";
  if (call.request.method == "POST" && what == "infer") return answer_infer(context, call, name);
  if (!is_reading(call.request) || rest.size() > 1) nothing_there(call);
  if (rest.empty()) return answer_metadata(context, call, name);
  if (what != "ready") nothing_there(call);
  context.models.get(name);
  call.answer(Json{{"name", name}, {"ready", true}});
}

/// Triton's model repository extension.
void repository(Context& context, Call& call, const Parts& rest) {
  call.read_body(kSmallBody);
  if (rest == Parts{"index"}) {
    Json list = Json::array();
    for (const std::string& name : context.models.names())
      list.push_back({{"name", name},
                      {"version", kVersion1},
                      {"state", context.models.is_loaded(name) ? "READY" : "UNAVAILABLE"},
                      {"reason", context.models.is_loaded(name) ? "" : "loaded on first use"}});
    return call.answer(list);
  }
  if (rest.size() != 3 || rest[0] != "models") nothing_there(call);
  if (rest[2] == "load")
    context.models.get(rest[1]);
  else if (rest[2] == "unload")
    context.models.unload(rest[1]);
  else
    nothing_there(call);
  call.answer(Json::object());
}

void route(Context& context, Call& call, const Parts& rest) {
  const bool reading = is_reading(call.request);
  if (rest.empty() && reading)
    return call.answer(Json{{"name", "thorax"},
                            {"version", kVersion},
                            {"extensions", {"binary_tensor_data", "model_repository"}}});
  if (reading && rest == Parts{"health", "live"}) return call.answer(Json{{"live", true}});
  if (reading && rest == Parts{"health", "ready"}) return call.answer(Json{{"ready", true}});
  if (rest.size() >= 2 && rest[0] == "models")
    return model_address(context, call, {rest.begin() + 1, rest.end()});
  if (!rest.empty() && rest[0] == "repository" && !reading)
    return repository(context, call, {rest.begin() + 1, rest.end()});
  nothing_there(call);
}

}  // namespace

void kserve_api(Context& context, Call& call, const Parts& rest) {
  try {
    route(context, call, rest);
  } catch (const Error& error) {
    // As the protocol has errors, with our code in front.
    const Notice& notice = error.notice();
    call.answer(Json{{"error", notice.id() + ": " + notice.what(call.language)}},
                status_of(notice.code));
  }
}

}  // namespace thorax::serve
