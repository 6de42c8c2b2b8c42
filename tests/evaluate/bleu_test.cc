#include "evaluate/bleu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace thorax::evaluate {
namespace {

using Texts = std::vector<std::string>;

double of(const std::string& text, const std::string& reference, int longest) {
  return bleu(Texts{text}, Texts{reference}, longest);
}

// The example of the paper, section 2.1: a word counts no more often than the reference has it.
TEST(Bleu, ClipsWordsThatAreRepeated) {
  EXPECT_NEAR(of("the the the the the the the", "The cat is on the mat and the dog", 1),
              2.0 / 7 * std::exp(1 - 9.0 / 7), 1e-12);
}

TEST(Bleu, IsTheGeometricMeanOfPrecisionsOverAllTexts) {
  // Words: 4 of 5 and 3 of 3; pairs: 2 of 4 and 2 of 2.
  const Texts texts{"no effusion on the left", "lungs are clear"},
      references{"an effusion on the right no", "lungs are clear"};
  EXPECT_NEAR(bleu(texts, references, 2), std::sqrt(7.0 / 8 * 4.0 / 6) * std::exp(1 - 9.0 / 8),
              1e-12);
}

TEST(Bleu, PunishesTextsThatAreTooShortAndNoneThatAreLonger) {
  EXPECT_NEAR(of("a b c d", "a b c d e f", 4), std::exp(1 - 6.0 / 4), 1e-12);
  EXPECT_NEAR(of("a b c d x", "a b c d", 1), 4.0 / 5, 1e-12);
}

TEST(Bleu, Ends) {
  EXPECT_DOUBLE_EQ(of("a b c d e", "a  b c\nd e", 4), 1);
  EXPECT_DOUBLE_EQ(of("a b c", "a b c", 4), 0) << "no four words in a row";
  EXPECT_DOUBLE_EQ(of("", "a", 4), 0);
  EXPECT_THROW(bleu(Texts{"a"}, Texts{}, 4), std::invalid_argument);
}

}  // namespace
}  // namespace thorax::evaluate
