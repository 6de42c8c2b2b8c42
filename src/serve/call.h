// One request with its answer, as the handlers see them.
#pragma once

#include <httplib.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "serve/identity.h"
#include "serve/views.h"

namespace thorax::serve {

struct Call {
  const httplib::Request& request;
  httplib::Response& response;
  const httplib::ContentReader* body = nullptr;  ///< of a POST; read at most once
  Language language = Language::en;
  std::vector<std::string> path;  ///< its parts, decoded: {"api", "v1", "jobs"}
  bool body_left = false;         ///< a part of the body was not read: nothing may follow it
  Identity who;                   ///< who asks
  std::string subject;            ///< id of a study that was taken in

  std::string header(const char* name) const { return request.get_header_value(name); }
  /// A parameter of the query; `fallback` when it is not there.
  std::string parameter(const char* name, const std::string& fallback = {}) const;
  /// The same as a whole number. Throws Error("bad_parameter"_code).
  int number(const char* name, int fallback, int low, int high) const;
  /// The same as one of a list of words, or empty. Throws Error("bad_parameter"_code).
  std::string choice(const char* name, const std::vector<std::string>& allowed) const;

  /// The whole body. Throws Error: tensors_too_large, upload_cut_short.
  std::string read_body(std::uint64_t limit);
  /// The body as a JSON object. Throws Error: bad_request, body_too_large.
  nlohmann::json read_json(std::size_t max_bytes);

  void answer(const Json& json, int status = 200);
  void answer(const std::string& content, const std::string& type, int status = 200);
  void answer_problem(const Notice& notice);
  /// Sends a file as it is, read while it is sent; not at all when the reader has it (`etag`).
  /// Throws Error("nothing_there"_code).
  void answer_file(const std::filesystem::path& file, const std::string& type,
                   const std::string& etag);
};

/// A member of a body that is text. Throws Error("bad_request"_code).
std::string text_member(const nlohmann::json& body, const char* name);

/// Content-Disposition that saves the answer under a name (RFC 6266).
std::string attachment(const std::string& name);

/// Type of a file by its name's ending: application/octet-stream when it is not known.
std::string content_type(const std::filesystem::path& file);

/// The parts of a decoded path. Throws Error("nothing_there"_code) when one of them is "." or "..",
/// empty, or holds a zero byte or a backslash.
std::vector<std::string> path_parts(const std::string& path);

/// Bytes that Content-Length announces; 0 when it says nothing.
std::uint64_t announced_bytes(const httplib::Request& request);

}  // namespace thorax::serve
