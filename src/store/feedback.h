// What readers think of answers: kept so that models can be measured against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace thorax::store {

/// One reader's opinion of one answer, with the answer as it was then: a study may be read again.
struct Feedback {
  std::string study_id;
  int number = 1;          ///< of the result inside the study
  std::string finding_id;  ///< empty: the verdict as a whole
  std::string author;
  bool agrees = true;
  std::string note;
  std::int64_t at = 0;  ///< Unix milliseconds
  std::string answer;   ///< normal | pathology | uncertain; of a finding: present | absent;
                        ///< empty: there was none
  std::optional<double> probability;  ///< that there is something

  /// Whether there is something, by this opinion; nothing where the answer did not say either.
  std::optional<bool> truth() const;
};

/// What to list. Empty: any.
struct FeedbackQuery {
  std::string study_id;
  int number = 0;  ///< 0: any
  int limit = 1000;
  int offset = 0;
};

/// Safe to use from several threads. Opinions go with their study.
class FeedbackBook {
 public:
  /// The database has to be migrated.
  explicit FeedbackBook(Database& database) : database_(database) {}

  /// An author's newer opinion takes the place of the older one. Throws Error("unknown_id"_code)
  /// when there is no such study.
  void put(const Feedback& feedback);
  /// Takes an author's opinion back.
  void withdraw(const Feedback& feedback);
  /// Oldest first.
  std::vector<Feedback> list(const FeedbackQuery& query);
  std::int64_t count(const FeedbackQuery& query);

 private:
  Database& database_;
};

}  // namespace thorax::store
