#include "learn/split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "learn/random.h"

namespace thorax::learn {

const char* to_string(Split split) {
  switch (split) {
    case Split::train:
      return "train";
    case Split::validation:
      return "validation";
    case Split::test:
      break;
  }
  return "test";
}

std::vector<Split> split_by_patient(const std::vector<std::string>& patients,
                                    const std::vector<int>& labels, double validation, double test,
                                    std::uint64_t seed) {
  std::map<std::string, int> class_of;
  for (std::size_t i = 0; i < patients.size(); ++i) {
    const auto [known, added] = class_of.emplace(patients[i], labels[i]);
    known->second = std::max(known->second, labels[i]);
  }
  std::map<int, std::vector<std::string>> by_class;
  for (const auto& [patient, label] : class_of) by_class[label].push_back(patient);
  std::map<std::string, Split> split_of;
  for (auto& [label, names] : by_class) {
    Random(std::initializer_list<std::uint64_t>{seed, static_cast<std::uint64_t>(label)})
        .shuffle(names);
    const auto share = [count = static_cast<double>(names.size())](double part) {
      return static_cast<std::size_t>(std::lround(part * count));
    };
    const std::size_t first = share(validation), second = first + share(test);
    for (std::size_t i = 0; i < names.size(); ++i)
      split_of[names[i]] = i < first ? Split::validation : i < second ? Split::test : Split::train;
  }
  std::vector<Split> splits;
  splits.reserve(patients.size());
  for (const std::string& patient : patients) splits.push_back(split_of.at(patient));
  return splits;
}

}  // namespace thorax::learn
