#include "base/hash.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/temporary_folder.h"

namespace thorax {
namespace {

// Known answers: FIPS 180-4 examples (NIST "SHA256" example values).
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, GivesTheStandardsAnswers) {
  EXPECT_EQ(sha256_hex(""), kEmpty);
  EXPECT_EQ(sha256_hex("abc"), kAbc);
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, PiecesGiveTheSameAsTheWhole) {
  Sha256 hash;
  hash.update("a");
  EXPECT_EQ(hash.hex(), sha256_hex("a")) << "asking for the digest does not end the hash";
  hash.update("bc");
  EXPECT_EQ(hash.hex(), kAbc);
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const testing_support::TemporaryFolder folder;
  const std::string bytes(700'001, 'x');
  EXPECT_EQ(sha256_file(folder.write("bytes", bytes)), sha256_hex(bytes));
}

TEST(Sha256, MissingFilesAndFoldersAreErrors) {
  for (const std::filesystem::path path : {"/no/such/file", "/"}) {
    try {
      sha256_file(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "no_such_input"_code);
    }
  }
}

}  // namespace
}  // namespace thorax
