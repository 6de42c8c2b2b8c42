#include "learn/xlsx.h"

#include <zip.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <pugixml.hpp>

#include "base/error.h"

namespace thorax::learn {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;
constexpr std::size_t kMostColumns = 16'384;  // of the format itself
constexpr std::size_t kMostRows = 1'048'576;

using Rows = std::vector<std::vector<std::string>>;

[[noreturn]] void refuse(const std::string& name, const std::string& detail) {
  throw Error("bad_training_data"_code, {{"path", name}, {"detail", "XLSX: " + detail}});
}

class Workbook {
 public:
  Workbook(std::string_view bytes, std::string name) : name_(std::move(name)) {
    zip_error_t problem;
    zip_error_init(&problem);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &problem);
    zip_.reset(source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &problem)
                      : nullptr);
    if (!zip_ && source) zip_source_free(source);
    zip_error_fini(&problem);
    if (!zip_) refuse(name_, "the zip is damaged");
  }

  /// Empty when the workbook has no such part.
  pugi::xml_document part(const std::string& path) {
    pugi::xml_document document;
    zip_stat_t stat;
    if (zip_stat(zip_.get(), path.c_str(), 0, &stat) != 0) return document;
    if (stat.size > kMostBytes - used_) refuse(name_, "more than 64 MiB");
    used_ += stat.size;
    std::string text(stat.size, '\0');
    zip_file_t* file = zip_fopen_index(zip_.get(), stat.index, 0);
    const zip_int64_t got = file ? zip_fread(file, text.data(), text.size()) : -1;
    if (file) zip_fclose(file);
    if (got != static_cast<zip_int64_t>(text.size()) ||
        !document.load_buffer(text.data(), text.size()))
      refuse(name_, path);
    return document;
  }

 private:
  struct Closer {
    void operator()(zip_t* zip) const { zip_discard(zip); }
  };

  std::string name_;
  std::unique_ptr<zip_t, Closer> zip_;
  std::uint64_t used_ = 0;
};

/// Names come with or without a prefix of their namespace.
bool is(const pugi::xml_node& node, std::string_view name) {
  const std::string_view full = node.name();
  const std::size_t colon = full.find(':');
  return (colon == std::string_view::npos ? full : full.substr(colon + 1)) == name;
}

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  return node.find_child([&](const pugi::xml_node& one) { return is(one, name); });
}

/// The runs of a text; phonetic hints are none of it.
std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& part : node) {
    if (is(part, "t")) text += part.text().get();
    if (is(part, "r")) text += child(part, "t").text().get();
  }
  return text;
}

std::string first_sheet(Workbook& book, const std::string& name) {
  const pugi::xml_document document = book.part("xl/workbook.xml"),
                           links = book.part("xl/_rels/workbook.xml.rels");
  const pugi::xml_node sheet = child(child(child(document, "workbook"), "sheets"), "sheet");
  std::string id;
  for (const pugi::xml_attribute& attribute : sheet.attributes())
    if (std::string_view(attribute.name()).ends_with(":id")) id = attribute.value();
  for (const pugi::xml_node& link : child(links, "Relationships"))
    if (!id.empty() && id == link.attribute("Id").value()) {
      const std::string target = link.attribute("Target").value();
      return target.starts_with('/') ? target.substr(1) : "xl/" + target;
    }
  refuse(name, "no sheet");
}

/// "C7" -> 2.
std::size_t column_of(std::string_view reference, std::size_t next) {
  std::size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z' || column > kMostColumns) break;
    column = column * 26 + static_cast<std::size_t>(c - 'A') + 1;
  }
  return column == 0 ? next : column - 1;
}

std::string value_of(const pugi::xml_node& cell, const std::vector<std::string>& shared,
                     const std::string& name) {
  const std::string_view type = cell.attribute("t").value();
  if (type == "inlineStr") return text_of(child(cell, "is"));
  std::string value = child(cell, "v").text().get();
  if (type != "s") return value;
  const std::size_t index = std::strtoull(value.c_str(), nullptr, 10);
  if (index >= shared.size()) refuse(name, "shared string " + value);
  return shared[index];
}

}  // namespace

Rows parse_xlsx(std::string_view bytes, const std::string& name) {
  Workbook book(bytes, name);
  const pugi::xml_document sheet = book.part(first_sheet(book, name)),
                           strings = book.part("xl/sharedStrings.xml");
  std::vector<std::string> shared;
  for (const pugi::xml_node& item : child(strings, "sst")) shared.push_back(text_of(item));
  Rows rows;
  for (const pugi::xml_node& row : child(child(sheet, "worksheet"), "sheetData")) {
    if (rows.size() == kMostRows) refuse(name, "more than a million rows");
    std::vector<std::string> fields;
    for (const pugi::xml_node& cell : row) {
      const std::size_t column = column_of(cell.attribute("r").value(), fields.size());
      if (column >= kMostColumns) refuse(name, cell.attribute("r").value());
      if (column >= fields.size()) fields.resize(column + 1);
      fields[column] = value_of(cell, shared, name);
    }
    if (std::ranges::any_of(fields, [](const std::string& field) { return !field.empty(); }))
      rows.push_back(std::move(fields));
  }
  return rows;
}

}  // namespace thorax::learn
