// BERT's tokenizer: basic tokenization, then WordPiece (Wu et al., arXiv 1609.08144). Follows
// BertTokenizer of transformers 4.27.1 with do_lower_case.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace thorax::prepare {

class WordPiece {
 public:
  struct Batch {
    std::size_t length = 0;          ///< of every row
    std::vector<std::int64_t> ids;   ///< [texts, length]
    std::vector<std::int64_t> mask;  ///< 1 = token, 0 = padding
  };

  /// Reads a vocab.txt: one token a line, its number is its id. [PAD], [UNK], [CLS] and [SEP] are
  /// found by name. Throws Error("no_such_input"_code), or Error("bad_vocabulary"_code) when one of
  /// them is missing.
  static WordPiece read(const std::filesystem::path& path);
  /// `name` is for errors.
  WordPiece(const std::vector<std::string>& vocabulary, const std::string& name);

  /// UTF-8 text -> tokens without [CLS] and [SEP].
  std::vector<std::string> tokenize(std::string_view text) const;
  /// [CLS] tokens [SEP] as ids; tokens beyond `longest` ids are cut off. Not padded.
  std::vector<std::int64_t> encode(std::string_view text, std::size_t longest = 512) const;
  /// Rows of one length: `longest`, or that of the longest text when `trim` (padding changes
  /// nothing but the time a network takes).
  Batch encode(const std::vector<std::string>& texts, std::size_t longest, bool trim) const;

  std::size_t size() const { return ids_.size(); }

 private:
  std::int64_t id(const std::string& token) const;
  void split_word(const std::string& word, std::vector<std::string>& tokens) const;

  std::unordered_map<std::string, std::int64_t> ids_;
};

}  // namespace thorax::prepare
