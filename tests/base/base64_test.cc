#include "base/base64.h"

#include <gtest/gtest.h>

namespace thorax {
namespace {

std::vector<std::uint8_t> bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

// The examples of RFC 4648, section 10.
constexpr std::array<std::pair<const char*, const char*>, 7> kExamples{{{"", ""},
                                                                        {"f", "Zg=="},
                                                                        {"fo", "Zm8="},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg=="},
                                                                        {"fooba", "Zm9vYmE="},
                                                                        {"foobar", "Zm9vYmFy"}}};

TEST(Base64, HasTheExamplesOfRfc4648) {
  for (const auto& [plain, text] : kExamples) {
    EXPECT_EQ(base64(bytes(plain)), text);
    EXPECT_EQ(from_base64(text), bytes(plain)) << text;
  }
}

TEST(Base64, BringsEveryByteBack) {
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(from_base64(base64(all)), all);
}

TEST(Base64, IsNothingForOtherText) {
  for (const char* text : {"Zg", "Zg=", "Zg==\n", " Zg=", "Z=g=", "====", "Zm9*", "Zm9v="})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace thorax
