#include "learn/split.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

namespace thorax::learn {
namespace {

struct Patients {
  std::vector<std::string> names;  ///< one a picture
  std::vector<int> labels;
};

/// `count` patients, every fourth of class 0, with one to five pictures each.
Patients patients(int count) {
  Patients made;
  for (int p = 0; p < count; ++p)
    for (int picture = 0; picture <= p % 5; ++picture) {
      made.names.push_back("patient " + std::to_string(p));
      made.labels.push_back(p % 4 == 0 ? 0 : 1);
    }
  return made;
}

TEST(Split, NeverSharesAPatient) {
  const Patients made = patients(300);
  const auto splits = split_by_patient(made.names, made.labels, 0.1, 0.2, 42);
  std::map<std::string, std::set<Split>> of;
  for (std::size_t i = 0; i < splits.size(); ++i) of[made.names[i]].insert(splits[i]);
  for (const auto& [name, met] : of) EXPECT_EQ(met.size(), 1U) << name;
}

TEST(Split, GivesEveryClassItsShare) {
  const Patients made = patients(400);
  const auto splits = split_by_patient(made.names, made.labels, 0.1, 0.2, 42);
  std::map<std::pair<int, Split>, std::set<std::string>> met;
  for (std::size_t i = 0; i < splits.size(); ++i)
    met[{made.labels[i], splits[i]}].insert(made.names[i]);
  EXPECT_EQ((met[{0, Split::validation}].size()), 10U);
  EXPECT_EQ((met[{0, Split::test}].size()), 20U);
  EXPECT_EQ((met[{0, Split::train}].size()), 70U);
  EXPECT_EQ((met[{1, Split::validation}].size()), 30U);
  EXPECT_EQ((met[{1, Split::test}].size()), 60U);
  EXPECT_EQ((met[{1, Split::train}].size()), 210U);
}

TEST(Split, HangsOnTheSeedAndNotOnTheOrder) {
  const Patients made = patients(100);
  const auto splits = split_by_patient(made.names, made.labels, 0.2, 0.2, 42);
  const std::vector<std::string> names(made.names.rbegin(), made.names.rend());
  const std::vector<int> labels(made.labels.rbegin(), made.labels.rend());
  auto reversed = split_by_patient(names, labels, 0.2, 0.2, 42);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(splits, reversed);
  EXPECT_NE(splits, split_by_patient(made.names, made.labels, 0.2, 0.2, 43));
}

TEST(Split, PutsAPatientWithTwoClassesIntoOneSplit) {
  const std::vector<std::string> names = {"a", "a", "b", "b", "c", "c"};
  const auto splits = split_by_patient(names, {0, 1, 0, 1, 1, 0}, 0.34, 0.34, 1);
  for (std::size_t i = 0; i < names.size(); i += 2) EXPECT_EQ(splits[i], splits[i + 1]);
}

}  // namespace
}  // namespace thorax::learn
