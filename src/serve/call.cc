#include "serve/call.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

#include "base/error.h"
#include "serve/problem.h"

namespace thorax::serve {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

std::string Call::parameter(const char* name, const std::string& fallback) const {
  return request.has_param(name) ? request.get_param_value(name) : fallback;
}

int Call::number(const char* name, int fallback, int low, int high) const {
  const std::string text = parameter(name);
  if (text.empty()) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
    throw Error("bad_parameter"_code,
                {{"name", name},
                 {"value", text},
                 {"allowed", std::to_string(low) + " … " + std::to_string(high)}});
  return value;
}

std::string Call::choice(const char* name, const std::vector<std::string>& allowed) const {
  std::string text = parameter(name);
  if (!text.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end())
    throw Error("bad_parameter"_code,
                {{"name", name}, {"value", text}, {"allowed", joined(allowed)}});
  return text;
}

std::string Call::read_body(std::uint64_t limit) {
  const auto refuse = [&] {
    throw Error("tensors_too_large"_code, {{"limit", std::to_string(limit)}});
  };
  if (!body || request.is_multipart_form_data()) throw Error("bad_request"_code);
  body_left = true;
  if (announced_bytes(request) > limit) refuse();
  std::string bytes;
  bytes.reserve(announced_bytes(request));
  const bool whole = (*body)([&](const char* data, std::size_t size) {
    if (bytes.size() + size > limit) return false;
    bytes.append(data, size);
    return true;
  });
  if (!whole && bytes.size() < announced_bytes(request)) throw Error("upload_cut_short"_code);
  if (!whole) refuse();
  body_left = false;
  return bytes;
}

nlohmann::json Call::read_json(std::size_t max_bytes) {
  const auto too_large = [&] {
    return Error("body_too_large"_code, {{"limit", std::to_string(max_bytes)}});
  };
  if (announced_bytes(request) > max_bytes) throw too_large();
  std::string text;
  bool whole = false;
  if (body && !request.is_multipart_form_data()) {
    body_left = false;
    // A body that does not say how long it is may turn out to be too long: the rest of it is read,
    // and goes nowhere.
    whole = (*body)([&](const char* bytes, std::size_t size) {
      if (text.size() <= max_bytes) text.append(bytes, size);
      return true;
    });
  }
  if (text.size() > max_bytes) throw too_large();
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!whole || !json.is_object()) throw Error("bad_request"_code);
  return json;
}

void Call::answer(const Json& json, int status) {
  answer(dump(json), "application/json", status);
}

void Call::answer(const std::string& content, const std::string& type, int status) {
  response.status = status;
  response.set_content(content, type);
}

void Call::answer_problem(const Notice& notice) {
  answer(dump(problem(notice, language)), "application/problem+json", status_of(notice.code));
  response.set_header("Content-Language", std::string(to_string(language)));
  if (response.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  if (response.status == 429 || response.status == 503) {
    const auto seconds = notice.args.find("seconds");
    response.set_header("Retry-After", seconds == notice.args.end() ? "10" : seconds->second);
  }
}

void Call::answer_file(const fs::path& file, const std::string& type, const std::string& etag) {
  std::error_code error;
  const std::uint64_t bytes = fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
  const auto stream = std::make_shared<std::ifstream>(file, std::ios::binary);
  if (error || bytes == 0 || !*stream) throw Error("nothing_there"_code, {{"path", request.path}});
  response.set_header("ETag", etag);
  response.set_header("Cache-Control", "private, no-cache");
  if (header("If-None-Match") == etag) {
    response.status = 304;
    return;
  }
  response.set_content_provider(
      bytes, type, [stream](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        std::string piece(std::min<std::size_t>(length, 1 << 18), '\0');
        stream->seekg(static_cast<std::streamoff>(offset));
        stream->read(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (stream->gcount() <= 0) return false;
        return sink.write(piece.data(), static_cast<std::size_t>(stream->gcount()));
      });
}

std::string text_member(const nlohmann::json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) throw Error("bad_request"_code);
  return found->get<std::string>();
}

std::string attachment(const std::string& name) {
  std::string encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr char kHex[] = "0123456789ABCDEF";
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    if (plain)
      encoded += c;
    else
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return "attachment; filename*=UTF-8''" + encoded;
}

std::string content_type(const fs::path& file) {
  static const std::map<std::string, std::string> types{
      {".html", "text/html; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"},
      {".json", "application/json"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
      {".gz", "application/gzip"},
      {".dcm", "application/dicom"},
  };
  const auto found = types.find(file.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

std::vector<std::string> path_parts(const std::string& path) {
  const auto refuse = [&]() { throw Error("nothing_there"_code, {{"path", path}}); };
  if (path.empty() || path.front() != '/') refuse();
  std::vector<std::string> parts;
  for (std::size_t at = 1; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == ".." ||
        part.find_first_of(std::string_view("\0\\", 2)) != std::string::npos)
      refuse();
    parts.push_back(std::move(part));
    at = end + 1;
  }
  return parts;
}

std::uint64_t announced_bytes(const httplib::Request& request) {
  const std::string text = request.get_header_value("Content-Length");
  std::uint64_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return bytes;
}

}  // namespace thorax::serve
