// The description of the API as a page: made of docs/openapi.json, with neither a script nor
// anything from elsewhere.
#include <algorithm>

#include "report/html_text.h"
#include "serve/api.h"
#include "serve/openapi.h"

namespace thorax::serve {
namespace {

using report::escaped;

constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'";

constexpr const char* kStyle =
    R"css(:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
nav ul { columns: 22rem; padding: 0; list-style: none; font-size: .875rem }
section { border-top: 1px solid #8886; padding: .5rem 0 1rem }
h2 { font: 600 1rem/1.5 ui-monospace, monospace; margin: .5rem 0; overflow-wrap: anywhere }
h3 { font-size: .875rem; margin: .75rem 0 .25rem }
table { border-collapse: collapse; width: 100%; font-size: .875rem }
td, th { text-align: left; vertical-align: top; padding: .125rem .75rem .125rem 0; border-top: 1px solid #8883 }
code { font: .875em ui-monospace, monospace; overflow-wrap: anywhere }
ul.schema { margin: .25rem 0; padding-left: 1.25rem; font-size: .875rem }
.method { display: inline-block; min-width: 4.5rem }
)css";

std::string text_of(const Json& node, const char* name) {
  const auto found = node.find(name);
  return found != node.end() && found->is_string() ? found->get<std::string>() : "";
}

class Page {
 public:
  explicit Page(const Json& api) : api_(api) {}

  std::string html() {
    const Json& info = api_.at("info");
    out_ =
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        "content=\"width=device-width\"><title>Thorax: API</title><link rel=stylesheet "
        "href=/api/style.css><h1>Thorax: API</h1><p>" +
        escaped(text_of(info, "description")) +
        "<p>For programs: <a href=/api/v1/openapi.json>openapi.json</a> (OpenAPI " +
        escaped(text_of(api_, "openapi")) + ").<nav><ul>";
    each_operation([&](const std::string& method, const std::string& path, const Json&) {
      out_ += "<li><a href=\"#" + anchor(method, path) + "\"><code>" + name(method, path) +
              "</code></a>";
    });
    out_ += "</ul></nav>";
    each_operation([&](const std::string& method, const std::string& path, const Json& one) {
      operation(method, path, one);
    });
    for (const auto& [title, schema] : api_.at("components").at("schemas").items()) {
      out_ += "<section id=\"schema-" + escaped(title) + "\"><h2>" + escaped(title) + "</h2>";
      shape(schema);
      out_ += "</section>";
    }
    return std::move(out_);
  }

 private:
  template <class Work>
  void each_operation(Work&& work) const {
    for (const auto& [path, methods] : api_.at("paths").items())
      for (const auto& [method, one] : methods.items())
        if (one.contains("responses")) work(method, path, one);
  }

  static std::string anchor(const std::string& method, const std::string& path) {
    std::string out = method;
    for (const char c : path)
      out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ? c : '-';
    return out;
  }

  static std::string name(std::string method, const std::string& path) {
    for (char& c : method)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return "<span class=method>" + escaped(method) + "</span>" + escaped(path);
  }

  const Json& resolved(const Json& node) const {
    const std::string pointer = text_of(node, "$ref");
    return pointer.empty() ? node : resolved(api_.at(Json::json_pointer(pointer.substr(1))));
  }

  void operation(const std::string& method, const std::string& path, const Json& one) {
    out_ += "<section id=\"" + anchor(method, path) + "\"><h2>" + name(method, path) + "</h2><p>" +
            escaped(text_of(one, "summary")) + "</p>";
    if (const std::string more = text_of(one, "description"); !more.empty())
      out_ += "<p>" + escaped(more) + "</p>";
    if (one.contains("security") && one.at("security").empty()) out_ += "<p>Needs no sign-in.</p>";
    if (const Json given = one.value("parameters", Json::array()); !given.empty()) {
      out_ += "<h3>Parameters</h3><table>";
      for (const Json& reference : given) {
        const Json& parameter = resolved(reference);
        out_ += "<tr><td><code>" + escaped(text_of(parameter, "name")) + "</code><td>" +
                escaped(text_of(parameter, "in")) +
                (parameter.value("required", false) ? ", required" : "") + "<td>" +
                type(parameter.value("schema", Json::object())) + "<td>" +
                escaped(text_of(parameter, "description"));
      }
      out_ += "</table>";
    }
    if (one.contains("requestBody")) {
      out_ += "<h3>Body</h3>";
      content(resolved(one.at("requestBody")));
    }
    for (const auto& [status, reference] : one.at("responses").items()) {
      const Json& answer = resolved(reference);
      out_ += "<h3>" + escaped(status) + ' ' + escaped(text_of(answer, "description")) + "</h3>";
      content(answer);
    }
    out_ += "</section>";
  }

  void content(const Json& node) {
    const Json types = node.value("content", Json::object());
    for (const auto& [media, how] : types.items()) {
      out_ += "<p><code>" + escaped(media) + "</code> ";
      const Json schema = how.value("schema", Json::object());
      if (schema.contains("properties")) {
        shape(schema);
      } else {
        out_ += type(schema);
      }
    }
  }

  /// What a value is, in a line.
  std::string type(const Json& schema) const {
    if (const std::string pointer = text_of(schema, "$ref"); !pointer.empty()) {
      const std::string title = escaped(pointer.substr(pointer.rfind('/') + 1));
      return "<a href=\"#schema-" + title + "\">" + title + "</a>";
    }
    std::string out;
    const auto add = [&](const std::string& word) { out += (out.empty() ? "" : " or ") + word; };
    for (const Json& one : schema.value("anyOf", Json::array())) add(type(one));
    if (schema.contains("enum"))
      for (const Json& one : schema.at("enum")) add("<code>" + escaped(one.dump()) + "</code>");
    if (!out.empty()) return out;
    const Json types = schema.value("type", Json());
    for (const Json& one : types.is_array() ? types : Json{types})
      if (one.is_string()) add(escaped(one.get<std::string>()));
    if (schema.contains("items")) out += " of " + type(schema.at("items"));
    for (const char* bound : {"minimum", "maximum", "default", "format"})
      if (schema.contains(bound))
        out += std::string(", ") + bound + ' ' + escaped(schema.at(bound).dump());
    return out;
  }

  void shape(const Json& schema) {
    out_ += type(schema);
    const Json members = schema.value("properties", Json::object());
    const Json required = schema.value("required", Json::array());
    if (members.empty()) return;
    out_ += "<ul class=schema>";
    for (const auto& [title, member] : members.items()) {
      const bool always = std::find(required.begin(), required.end(), title) != required.end();
      out_ += "<li><code>" + escaped(title) + (always ? "" : "?") + "</code> ";
      const Json& inner = member.contains("items") ? member.at("items") : member;
      if (inner.contains("properties")) {
        shape(inner);
      } else {
        out_ += type(member);
      }
      if (const std::string what = text_of(member, "description"); !what.empty())
        out_ += ": " + escaped(what);
    }
    out_ += "</ul>";
  }

  const Json& api_;
  std::string out_;
};

}  // namespace

void description_page(Call& call) {
  static const std::string page = Page(Json::parse(openapi_text())).html();
  call.response.set_header("Content-Security-Policy", kPolicy);
  call.answer(page, "text/html; charset=utf-8");
}

void description_style(Call& call) {
  call.answer(kStyle, "text/css; charset=utf-8");
}

}  // namespace thorax::serve
