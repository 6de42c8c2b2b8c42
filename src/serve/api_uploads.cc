// Uploads in parts: begun, sent part by part, asked where they stand, finished.
#include <charconv>

#include "base/error.h"
#include "serve/api.h"
#include "serve/upload.h"

namespace thorax::serve {
namespace {

constexpr std::size_t kMaxBody = 16 << 10;

/// The byte that a part begins with.
std::uint64_t offset_of(const Call& call) {
  const std::string text = call.parameter("offset");
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    throw Error("bad_parameter"_code,
                {{"name", "offset"}, {"value", text}, {"allowed", "0, 1, 2 …"}});
  return offset;
}

/// Without the name of the file, which people give patients' names.
Json upload_json(const store::PartialFile& file) {
  return {{"id", file.id}, {"bytes", file.bytes}, {"received", file.received}};
}

void begin(Context& context, Call& call) {
  const nlohmann::json body = call.read_json(kMaxBody);
  const std::string name = text_member(body, "name");
  const auto bytes = body.find("bytes");
  if (bytes == body.end() || !bytes->is_number_unsigned() || *bytes == 0)
    throw Error("bad_request"_code);
  if (bytes->get<std::uint64_t>() > context.options.max_upload)
    throw Error("upload_too_large"_code, {{"limit", std::to_string(context.options.max_upload)}});
  context.store.check_queue();
  const store::PartialFile file = context.parts.begin(safe_name(name), bytes->get<std::uint64_t>());
  call.answer(upload_json(file), 201);
  call.response.set_header("Location", "/api/v1/uploads/" + file.id);
}

void take_part(Context& context, Call& call, const std::string& id) {
  if (call.request.is_multipart_form_data()) throw Error("bad_request"_code);
  store::PartFolder::Part part = context.parts.append(id, offset_of(call));
  std::optional<Notice> failure;
  std::string pending;
  const auto write = [&] {
    try {
      part.write(pending);
    } catch (const Error& error) {
      failure = error.notice();
    }
    pending.clear();
    return !failure;
  };
  constexpr std::size_t kPiece = 1 << 20;
  pending.reserve(kPiece);
  const bool whole = (*call.body)([&](const char* bytes, std::size_t size) {
    pending.append(bytes, size);
    return pending.size() < kPiece || write();
  });
  call.body_left = !whole;
  if (!failure) write();
  if (failure) throw Error(*failure);
  if (!whole) throw Error("upload_cut_short"_code);
  call.answer(upload_json(part.finish()));
}

void finish(Context& context, Call& call, const std::string& id) {
  // Its own key, so that an answer that was lost on its way can be asked for again.
  const std::string key = "upload " + id;
  std::optional<store::Accepted> accepted = context.store.accepted_with(key);
  if (!accepted) {
    context.store.check_queue();
    const std::string name = context.parts.state(id).name;
    accepted = context.store.accept(context.parts.whole(id), name, key);
    context.parts.remove(id);
  }
  answer_accepted(context, call, *accepted);
}

}  // namespace

void uploads_api(Context& context, Call& call, const std::vector<std::string>& rest) {
  const std::string& method = call.request.method;
  if (rest.size() == 1 && method == "POST") return begin(context, call);
  if (rest.size() == 2 && is_reading(call.request))
    return call.answer(upload_json(context.parts.state(rest[1])));
  if (rest.size() == 2 && method == "POST") return take_part(context, call, rest[1]);
  if (rest.size() == 2 && method == "DELETE") {
    context.parts.remove(rest[1]);
    call.response.status = 204;
    return;
  }
  if (rest.size() == 3 && method == "POST" && rest[2] == "finish")
    return finish(context, call, rest[1]);
  throw Error("nothing_there"_code, {{"path", method + ' ' + call.request.path}});
}

}  // namespace thorax::serve
