#include "prepare/wordpiece.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/error.h"

namespace thorax::prepare {
namespace {

constexpr const char* kUnknown = "[UNK]";
constexpr const char* kBegin = "[CLS]";
constexpr const char* kEnd = "[SEP]";
constexpr const char* kPadding = "[PAD]";
// Longer words are one unknown token.
constexpr int kLongestWord = 100;  // code points
// Kept whole and as written wherever they stand in a text.
constexpr std::array kSpecial = {kUnknown, kEnd, kPadding, kBegin, "[MASK]"};

bool is_space(UChar32 c) {
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return true;
  const auto kind = u_charType(c);
  return kind == U_SPACE_SEPARATOR || kind == U_LINE_SEPARATOR || kind == U_PARAGRAPH_SEPARATOR;
}

// Categories C*: control, format, surrogate, private use, unassigned.
bool is_control(UChar32 c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return (U_GET_GC_MASK(c) & U_GC_C_MASK) != 0;
}

bool is_punctuation(UChar32 c) {
  const bool ascii_symbol = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
                            (c >= 123 && c <= 126);
  return ascii_symbol || (U_GET_GC_MASK(c) & U_GC_P_MASK) != 0;
}

// The blocks of CJK ideographs that BERT sets off as single characters.
bool is_ideograph(UChar32 c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

template <class Visit>
void for_each_character(const icu::UnicodeString& text, const Visit& visit) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) visit(text.char32At(i));
}

// Lower case without accents.
icu::UnicodeString fold(icu::UnicodeString text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const decompose = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString parts;
  if (U_SUCCESS(status)) {
    parts = decompose->normalize(text.toLower(icu::Locale::getRoot()), status);
  }
  if (U_FAILURE(status)) {
    throw Error("internal"_code, {{"detail", std::string("ICU: ") + u_errorName(status)}});
  }
  icu::UnicodeString folded;
  for_each_character(parts, [&](UChar32 c) {
    if (u_charType(c) != U_NON_SPACING_MARK) folded.append(c);
  });
  return folded;
}

// Words of a text without special tokens: cleaned, folded, punctuation and ideographs apart.
std::vector<std::string> basic_words(std::string_view text) {
  const auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  icu::UnicodeString clean;
  for_each_character(source, [&](UChar32 c) {
    if (c == 0 || c == 0xFFFD || is_control(c)) return;
    if (is_ideograph(c)) {
      clean.append(u' ').append(c).append(u' ');
    } else {
      clean.append(is_space(c) ? UChar32{' '} : c);
    }
  });
  std::vector<std::string> words;
  icu::UnicodeString word;
  const auto finish = [&] {
    if (!word.isEmpty()) word.toUTF8String(words.emplace_back());
    word.remove();
  };
  for_each_character(fold(clean), [&](UChar32 c) {
    if (is_space(c)) {
      finish();
    } else if (is_punctuation(c)) {
      finish();
      word.append(c);
      finish();
    } else {
      word.append(c);
    }
  });
  finish();
  return words;
}

// The special token that starts at `text`, or "".
std::string special_at(std::string_view text) {
  for (const char* token : kSpecial) {
    if (text.starts_with(token)) return token;
  }
  return {};
}

}  // namespace

WordPiece WordPiece::read(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) throw Error("no_such_input"_code, {{"path", path.string()}});
  std::vector<std::string> vocabulary;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    vocabulary.push_back(line);
  }
  return WordPiece(vocabulary, path.string());
}

WordPiece::WordPiece(const std::vector<std::string>& vocabulary, const std::string& name) {
  for (const std::string& token : vocabulary) {
    ids_.insert_or_assign(token, static_cast<std::int64_t>(ids_.size()));
  }
  for (const char* token : {kUnknown, kBegin, kEnd, kPadding}) {
    if (!ids_.contains(token)) {
      throw Error("bad_vocabulary"_code,
                  {{"path", name}, {"detail", "the vocabulary lacks " + std::string(token)}});
    }
  }
}

std::int64_t WordPiece::id(const std::string& token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? ids_.at(kUnknown) : found->second;
}

// Greedy: the longest piece of the vocabulary, then the longest "##" piece of the rest, and so on.
void WordPiece::split_word(const std::string& word, std::vector<std::string>& tokens) const {
  std::vector<std::size_t> starts;  // of the code points
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(word.size());
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  const std::size_t count = starts.size() - 1;
  while (begin < count && count <= kLongestWord) {
    std::size_t end = count;
    std::string piece;
    for (; end > begin; --end) {
      piece = (begin > 0 ? "##" : "") + word.substr(starts[begin], starts[end] - starts[begin]);
      if (ids_.contains(piece)) break;
    }
    if (end == begin) break;
    pieces.push_back(piece);
    begin = end;
  }
  if (begin < count) pieces = {kUnknown};
  tokens.insert(tokens.end(), pieces.begin(), pieces.end());
}

std::vector<std::string> WordPiece::tokenize(std::string_view text) const {
  std::vector<std::string> tokens;
  const auto split_plain = [&](std::string_view plain) {
    for (const std::string& word : basic_words(plain)) split_word(word, tokens);
  };
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string special = special_at(text.substr(i));
    if (special.empty()) continue;
    split_plain(text.substr(plain_from, i - plain_from));
    tokens.push_back(special);
    plain_from = i + special.size();
    i = plain_from - 1;
  }
  split_plain(text.substr(plain_from));
  return tokens;
}

std::vector<std::int64_t> WordPiece::encode(std::string_view text, std::size_t longest) const {
  std::vector<std::int64_t> ids{id(kBegin)};
  for (const std::string& token : tokenize(text)) {
    if (ids.size() + 1 >= longest) break;
    ids.push_back(id(token));
  }
  ids.push_back(id(kEnd));
  return ids;
}

WordPiece::Batch WordPiece::encode(const std::vector<std::string>& texts, std::size_t longest,
                                   bool trim) const {
  std::vector<std::vector<std::int64_t>> rows;
  std::size_t used = 0;
  for (const std::string& text : texts) {
    rows.push_back(encode(text, longest));
    used = std::max(used, rows.back().size());
  }
  Batch batch{.length = trim ? used : longest, .ids = {}, .mask = {}};
  for (const auto& row : rows) {
    const std::size_t padding = batch.length - row.size();
    batch.ids.insert(batch.ids.end(), row.begin(), row.end());
    batch.ids.insert(batch.ids.end(), padding, id(kPadding));
    batch.mask.insert(batch.mask.end(), row.size(), 1);
    batch.mask.insert(batch.mask.end(), padding, 0);
  }
  return batch;
}

}  // namespace thorax::prepare
