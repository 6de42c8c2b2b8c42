#include "prepare/byte_bpe.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"

namespace thorax::prepare {
namespace {

constexpr std::string_view kMask = "<mask>";
constexpr std::array<std::string_view, 5> kSpecial = {"<s>", "</s>", "<pad>", "<unk>", kMask};
constexpr std::array<std::string_view, 7> kContractions = {"'s", "'t",  "'re", "'ve",
                                                           "'m", "'ll", "'d"};

bool is_special(std::string_view token) {
  return std::find(kSpecial.begin(), kSpecial.end(), token) != kSpecial.end();
}

enum class Kind { letter, number, space, other };

struct Character {
  Kind kind;
  std::size_t begin, end;  // bytes
};

Kind kind_of(UChar32 c) {
  if (c < 0) return Kind::other;  // not UTF-8
  if (u_isUWhiteSpace(c)) return Kind::space;
  const std::uint32_t category = U_GET_GC_MASK(c);
  if ((category & U_GC_L_MASK) != 0) return Kind::letter;
  return (category & U_GC_N_MASK) != 0 ? Kind::number : Kind::other;
}

std::vector<Character> characters(std::string_view text) {
  std::vector<Character> all;
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < length;) {
    const std::int32_t begin = i;
    UChar32 c = 0;
    U8_NEXT(text.data(), i, length, c);
    all.push_back({kind_of(c), static_cast<std::size_t>(begin), static_cast<std::size_t>(i)});
  }
  return all;
}

// GPT-2's pattern: a contraction; an optional blank and letters, or numbers, or other marks; white
// space, of which the last one stays for what follows. Returns the character after the match.
std::size_t match(std::string_view text, const std::vector<Character>& all, std::size_t at) {
  for (const std::string_view contraction : kContractions) {
    if (text.substr(all[at].begin).starts_with(contraction)) return at + contraction.size();
  }
  const bool blank = text[all[at].begin] == ' ' && at + 1 < all.size();
  const std::size_t word = blank && all[at + 1].kind != Kind::space ? at + 1 : at;
  const Kind kind = all[word].kind;
  std::size_t end = word;
  while (end < all.size() && all[end].kind == kind) ++end;
  if (kind == Kind::space && end < all.size() && end > at + 1) return end - 1;
  return end;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& detail) {
  throw Error("bad_vocabulary"_code, {{"path", path.string()}, {"detail", detail}});
}

std::string utf8(std::int32_t code_point) {
  std::string text;
  icu::UnicodeString(static_cast<UChar32>(code_point)).toUTF8String(text);
  return text;
}

}  // namespace

ByteBpe ByteBpe::read(const std::filesystem::path& vocabulary,
                      const std::filesystem::path& merges) {
  ByteBpe bpe;
  // Bytes that print stand for themselves; the others follow from U+0100 on.
  std::int32_t next = 256;
  for (std::int32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    const auto index = static_cast<std::size_t>(byte);
    bpe.letters_[index] = utf8(prints ? byte : next++);
    bpe.bytes_[bpe.letters_[index]] = static_cast<unsigned char>(byte);
  }
  std::ifstream file(vocabulary);
  if (!file) refuse(vocabulary, "cannot be opened");
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) refuse(vocabulary, "no JSON object");
  for (const auto& [token, id] : json.items()) {
    if (!id.is_number_integer()) refuse(vocabulary, token + ": no id");
    bpe.ids_[token] = id.get<std::int64_t>();
    bpe.size_ = std::max(bpe.size_, bpe.ids_[token] + 1);
    if (!bpe.tokens_.emplace(id.get<std::int64_t>(), token).second) {
      refuse(vocabulary, "id " + id.dump() + " twice");
    }
  }
  for (const std::string_view token : kSpecial) {
    if (token != kMask && !bpe.ids_.contains(std::string(token))) {
      refuse(vocabulary, "no " + std::string(token));
    }
  }
  for (const std::string& letter : bpe.letters_) {
    if (!bpe.ids_.contains(letter)) refuse(vocabulary, "no " + letter);
  }
  std::ifstream lines(merges);
  if (!lines) refuse(merges, "cannot be opened");
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.starts_with("#version")) continue;
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos || line.find(' ', blank + 1) != std::string::npos) {
      refuse(merges, "\"" + line + "\" is no pair");
    }
    bpe.ranks_.emplace(line, bpe.ranks_.size());
  }
  return bpe;
}

std::int64_t ByteBpe::id(const std::string& token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? ids_.at("<unk>") : found->second;
}

void ByteBpe::merge(const std::string& word, std::vector<std::string>& tokens) const {
  std::vector<std::string> pieces;
  for (const char byte : word) pieces.push_back(letters_[static_cast<unsigned char>(byte)]);
  for (;;) {
    std::size_t best = ranks_.size();
    std::string left, right;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto rank = ranks_.find(pieces[i] + ' ' + pieces[i + 1]);
      if (rank == ranks_.end() || rank->second >= best) continue;
      best = rank->second;
      left = pieces[i];
      right = pieces[i + 1];
    }
    if (best == ranks_.size()) break;
    std::vector<std::string> merged;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const bool pair = i + 1 < pieces.size() && pieces[i] == left && pieces[i + 1] == right;
      merged.push_back(pair ? left + right : pieces[i]);
      if (pair) ++i;
    }
    pieces = std::move(merged);
  }
  tokens.insert(tokens.end(), pieces.begin(), pieces.end());
}

void ByteBpe::split(std::string_view text, std::vector<std::string>& tokens) const {
  const std::vector<Character> all = characters(text);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = match(text, all, at);
    merge(std::string(text.substr(all[at].begin, all[end - 1].end - all[at].begin)), tokens);
    at = end;
  }
}

std::vector<std::string> ByteBpe::tokenize(std::string_view text) const {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    std::size_t at = std::string_view::npos;
    std::string_view special;
    for (const std::string_view candidate : kSpecial) {
      const std::size_t found = text.find(candidate);
      if (found < at) {
        at = found;
        special = candidate;
      }
    }
    std::string_view before = text.substr(0, at);
    text.remove_prefix(special.empty() ? text.size() : at + special.size());
    if (special == kMask) {
      // The mask takes the white space before it.
      const std::vector<Character> all = characters(before);
      std::size_t kept = all.size();
      while (kept > 0 && all[kept - 1].kind == Kind::space) --kept;
      before = before.substr(0, kept == 0 ? 0 : all[kept - 1].end);
    }
    split(before, tokens);
    if (!special.empty()) tokens.emplace_back(special);
  }
  return tokens;
}

std::vector<std::int64_t> ByteBpe::encode(std::string_view text, std::size_t longest) const {
  std::vector<std::int64_t> ids{id("<s>")};
  for (const std::string& token : tokenize(text)) {
    if (ids.size() + 1 >= longest) break;
    ids.push_back(id(token));
  }
  ids.push_back(id("</s>"));
  return ids;
}

std::vector<std::int64_t> ByteBpe::encode_pair(std::string_view first,
                                               std::string_view second) const {
  std::vector<std::int64_t> ids{id("<s>")};
  for (const std::string& token : tokenize(first)) ids.push_back(id(token));
  ids.insert(ids.end(), 2, id("</s>"));
  for (const std::string& token : tokenize(second)) ids.push_back(id(token));
  ids.push_back(id("</s>"));
  return ids;
}

ByteBpe::Batch ByteBpe::encode(const std::vector<std::string>& texts, std::size_t longest) const {
  Batch batch;
  std::vector<std::vector<std::int64_t>> rows;
  for (const std::string& text : texts) {
    rows.push_back(encode(text, longest));
    batch.length = std::max(batch.length, rows.back().size());
  }
  for (const auto& row : rows) {
    const std::size_t padding = batch.length - row.size();
    batch.ids.insert(batch.ids.end(), row.begin(), row.end());
    batch.ids.insert(batch.ids.end(), padding, id("<pad>"));
    batch.mask.insert(batch.mask.end(), row.size(), 1);
    batch.mask.insert(batch.mask.end(), padding, 0);
  }
  return batch;
}

std::string ByteBpe::decode(const std::vector<std::int64_t>& ids) const {
  std::string bytes;
  for (const std::int64_t id : ids) {
    const auto token = tokens_.find(id);
    if (token == tokens_.end() || is_special(token->second)) continue;
    for (const Character& letter : characters(token->second)) {
      const auto byte = bytes_.find(token->second.substr(letter.begin, letter.end - letter.begin));
      if (byte != bytes_.end()) bytes += static_cast<char>(byte->second);
    }
  }
  std::string text;
  icu::UnicodeString::fromUTF8(bytes).toUTF8String(text);
  return text;
}

}  // namespace thorax::prepare
