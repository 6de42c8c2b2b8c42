#include "intake/series_words.h"

#include <array>
#include <cctype>

namespace thorax::intake {
namespace {

/// Start of a chest word. "thorac" and "грудн" also name the spine and are handled apart.
constexpr std::array kChest = {"chest",  "thorax", "thorac",  "torax",  "tórax", "torac",  "lung",
                               "pulmon", "pulmo",  "hrct",    "ctpa",   "brust", "poumon", "klatk",
                               "płuc",   "pluc",   "mediast", "огк",    "грудн", "грудь",  "легк",
                               "легочн", "торак",  "бронх",   "средост"};
constexpr std::array kChestExact = {"cap", "tap", "cxr", "chst"};
constexpr std::array kSpineToo = {"thorac", "torac", "грудн"};
constexpr std::array kSpine = {"spine", "spinal", "vertebra", "позвон"};
constexpr std::array kElsewhere = {
    "head",      "brain",   "skull",    "crani", "cereb",  "sinus",  "orbit",       "dental",
    "jaw",       "neck",    "abdom",    "pelvi", "liver",  "hepat",  "kidney",      "renal",
    "urogr",     "colono",  "knee",     "ankle", "foot",   "hand",   "wrist",       "elbow",
    "shoulder",  "femur",   "extremit", "spine", "lumbar", "cervic", "glow",        "głow",
    "kopf",      "schädel", "breast",   "голов", "мозг",   "череп",  "орбит",       "пазух",
    "шея",       "шеи",     "брюшн",    "живот", "таза",   "таз",    "малого таза", "обп",
    "почк",      "почек",   "печен",    "колен", "стоп",   "кисть",  "позвон",      "плеч",
    "конечност", "молочн"};

bool is_word_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || std::isalnum(u) != 0;
}

void append(std::string& out, unsigned code) {
  out += static_cast<char>(0xC0 | (code >> 6));
  out += static_cast<char>(0x80 | (code & 0x3F));
}

/// Where a phrase stands in lower-case text; npos when it does not.
std::size_t find_word(std::string_view lower, std::string_view phrase, bool open_end) {
  for (std::size_t at = lower.find(phrase); at != std::string::npos;
       at = lower.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    const bool starts = at == 0 || !is_word_byte(lower[at - 1]);
    const bool ends = open_end || end == lower.size() || !is_word_byte(lower[end]);
    if (starts && ends) return at;
  }
  return std::string::npos;
}

/// The first of the words that the text has, whole and as it stands there ("EXTREMITY").
template <std::size_t N>
std::string first_start(std::string_view text, const std::array<const char*, N>& words) {
  const std::string lower = lower_case(text);  // as long as `text`
  for (const std::string_view word : words) {
    const std::size_t at = find_word(lower, word, true);
    if (at == std::string::npos) continue;
    std::size_t end = at + word.size();
    while (end < text.size() && is_word_byte(text[end])) ++end;
    return std::string(text.substr(at, end - at));
  }
  return {};
}

bool only_digits(std::string_view text) {
  for (const char c : text)
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return false;
  return !text.empty();
}

/// Siemens: letters, then a two-digit sharpness, then letters ("B30f", "Br38f", "I70f"). -1 when
/// the name is none of theirs.
int siemens_sharpness(std::string_view name) {
  std::size_t i = 0;
  while (i < name.size() && std::isalpha(static_cast<unsigned char>(name[i])) != 0) ++i;
  if (i < 1 || i > 2 || name.size() < i + 2 || !only_digits(name.substr(i, 2))) return -1;
  if (name.size() > i + 2 && std::isdigit(static_cast<unsigned char>(name[i + 2])) != 0) return -1;
  return (name[i] - '0') * 10 + (name[i + 1] - '0');
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out += static_cast<char>(std::tolower(c));
      continue;
    }
    if ((c & 0xE0) != 0xC0 || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    unsigned code = ((c & 0x1Fu) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3Fu);
    if ((code >= 0xC0 && code <= 0xDE && code != 0xD7) || (code >= 0x410 && code <= 0x42F))
      code += 0x20;
    else if (code == 0x401 || code == 0x451)
      code = 0x435;  // Ё and ё are mostly written as е
    else if (code == 0x141)
      code = 0x142;
    append(out, code);
  }
  return out;
}

bool contains_word(std::string_view text, std::string_view phrase) {
  return find_word(lower_case(text), phrase, false) != std::string::npos;
}

bool contains_word_start(std::string_view text, std::string_view phrase) {
  return find_word(lower_case(text), phrase, true) != std::string::npos;
}

BodyHint body_hint(std::string_view text) {
  BodyHint hint;
  const bool spine = !first_start(text, kSpine).empty();
  for (const char* word : kChest) {
    if (spine &&
        std::find(kSpineToo.begin(), kSpineToo.end(), std::string_view(word)) != kSpineToo.end())
      continue;
    if (hint.chest.empty() && contains_word_start(text, word)) hint.chest = word;
  }
  for (const char* word : kChestExact)
    if (hint.chest.empty() && contains_word(text, word)) hint.chest = word;
  hint.elsewhere = first_start(text, kElsewhere);
  return hint;
}

BodyHint body_hint(const SeriesHeader& header) {
  BodyHint all;
  for (const std::string* text : {&header.body_part, &header.protocol, &header.series_description,
                                  &header.study_description}) {
    const BodyHint one = body_hint(*text);
    if (all.chest.empty()) all.chest = one.chest;
    if (all.elsewhere.empty()) all.elsewhere = one.elsewhere;
  }
  return all;
}

KernelClass kernel_class(std::string_view kernel) {
  const std::string name = lower_case(kernel);
  if (name.empty()) return KernelClass::unknown;
  for (const char* word : {"lung", "bone", "bone+", "boneplus", "edge", "ultra", "hd", "sharp",
                           "detail", "l", "d", "e", "ya", "yb", "yc", "yd"})
    if (contains_word_start(name, word) && (std::string_view(word).size() > 2 || name == word))
      return KernelClass::sharp;
  for (const char* word : {"soft", "standard", "chest", "stnd", "body", "smooth"})
    if (contains_word_start(name, word)) return KernelClass::soft;
  if (name == "a" || name == "b" || name == "c" || name == "sa" || name == "sb")
    return KernelClass::soft;
  if (name.starts_with("fc") && name.size() >= 4 && only_digits(name.substr(2, 2))) {
    const int number = (name[2] - '0') * 10 + (name[3] - '0');
    return number < 30 || (number >= 40 && number < 50) ? KernelClass::soft : KernelClass::sharp;
  }
  const int sharpness = siemens_sharpness(name);
  if (sharpness < 0) return KernelClass::unknown;
  return sharpness >= 50 ? KernelClass::sharp : KernelClass::soft;
}

}  // namespace thorax::intake
