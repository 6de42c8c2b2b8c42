// The byte-level tokenizer of GPT-2 and BART.
// Reference: Radford et al., Language Models are Unsupervised Multitask Learners, 2019;
// transformers 4.27.1, models/bart/tokenization_bart.py.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace thorax::prepare {

class ByteBpe {
 public:
  /// Reads vocab.json (token -> id) and merges.txt (pairs of tokens, the first to merge on top).
  /// Throws Error("bad_vocabulary"_code) when one of them cannot be read, an id occurs twice, or
  /// <s>, </s>, <pad>, <unk> or one of the 256 byte tokens is missing.
  static ByteBpe read(const std::filesystem::path& vocabulary, const std::filesystem::path& merges);

  /// UTF-8 text -> tokens, as they stand in the vocabulary; without <s> and </s>. Special tokens
  /// written in the text become themselves.
  std::vector<std::string> tokenize(std::string_view text) const;
  /// <s> text </s>; tokens beyond `longest` ids are cut off from the text.
  std::vector<std::int64_t> encode(std::string_view text, std::size_t longest = 1024) const;
  /// <s> first </s></s> second </s>.
  std::vector<std::int64_t> encode_pair(std::string_view first, std::string_view second) const;
  /// Ids -> UTF-8 text; special tokens are left out, bytes that are no UTF-8 become U+FFFD, ids
  /// outside the vocabulary are left out.
  std::string decode(const std::vector<std::int64_t>& ids) const;

  struct Batch {
    std::size_t length = 0;          ///< of every row
    std::vector<std::int64_t> ids;   ///< [texts, length], padded with <pad>
    std::vector<std::int64_t> mask;  ///< 1 = token, 0 = padding
  };
  /// Rows of the length of the longest text, at most `longest`.
  Batch encode(const std::vector<std::string>& texts, std::size_t longest = 1024) const;

  /// One more than the highest id.
  std::int64_t size() const { return size_; }

 private:
  ByteBpe() = default;
  void merge(const std::string& word, std::vector<std::string>& tokens) const;
  void split(std::string_view text, std::vector<std::string>& tokens) const;
  std::int64_t id(const std::string& token) const;

  std::int64_t size_ = 0;
  std::array<std::string, 256> letters_;  // the printable stand-in of each byte, UTF-8
  std::unordered_map<std::string, unsigned char> bytes_;
  std::unordered_map<std::string, std::int64_t> ids_;
  std::unordered_map<std::int64_t, std::string> tokens_;
  std::unordered_map<std::string, std::size_t> ranks_;  // "left right" -> line
};

}  // namespace thorax::prepare
