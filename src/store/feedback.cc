#include "store/feedback.h"

#include "base/error.h"

namespace thorax::store {
namespace {

constexpr const char* kWhere =
    " FROM feedback WHERE (?1 = '' OR study_id = ?1) AND (?2 = 0 OR number = ?2)";

Statement asked(Database& database, const std::string& what, const FeedbackQuery& query,
                const std::string& rest = {}) {
  Statement rows = database.prepare("SELECT " + what + kWhere + rest);
  rows.bind(query.study_id).bind(std::int64_t{query.number});
  return rows;
}

}  // namespace

std::optional<bool> Feedback::truth() const {
  if (answer == "pathology" || answer == "present") return agrees;
  if (answer == "normal" || answer == "absent") return !agrees;
  return {};
}

void FeedbackBook::put(const Feedback& feedback) {
  Transaction transaction(database_);
  if (!database_.prepare("SELECT 1 FROM studies WHERE id = ?").bind(feedback.study_id).step())
    throw Error("unknown_id"_code, {{"id", feedback.study_id}});
  database_
      .prepare(
          "INSERT INTO feedback (study_id, number, finding, author, agrees, note, at, answer, "
          "probability) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (study_id, number, finding, author) "
          "DO UPDATE SET agrees = excluded.agrees, note = excluded.note, at = excluded.at, "
          "answer = excluded.answer, probability = excluded.probability")
      .bind(feedback.study_id)
      .bind(std::int64_t{feedback.number})
      .bind(feedback.finding_id)
      .bind(feedback.author)
      .bind(std::int64_t{feedback.agrees})
      .bind(feedback.note)
      .bind(feedback.at)
      .bind(feedback.answer)
      .bind(feedback.probability)
      .run();
  transaction.commit();
}

void FeedbackBook::withdraw(const Feedback& feedback) {
  Transaction transaction(database_);
  database_
      .prepare(
          "DELETE FROM feedback WHERE study_id = ? AND number = ? AND finding = ? AND author = ?")
      .bind(feedback.study_id)
      .bind(std::int64_t{feedback.number})
      .bind(feedback.finding_id)
      .bind(feedback.author)
      .run();
  transaction.commit();
}

std::vector<Feedback> FeedbackBook::list(const FeedbackQuery& query) {
  Transaction transaction(database_);
  Statement rows =
      asked(database_, "study_id, number, finding, author, agrees, note, at, answer, probability",
            query, " ORDER BY at, study_id, number, finding, author LIMIT ?3 OFFSET ?4");
  rows.bind(std::int64_t{query.limit}).bind(std::int64_t{query.offset});
  std::vector<Feedback> all;
  while (rows.step())
    all.push_back({rows.text(0), static_cast<int>(rows.integer(1)), rows.text(2), rows.text(3),
                   rows.integer(4) != 0, rows.text(5), rows.integer(6), rows.text(7),
                   rows.optional_real(8)});
  return all;
}

std::int64_t FeedbackBook::count(const FeedbackQuery& query) {
  Transaction transaction(database_);
  Statement row = asked(database_, "count(*)", query);
  return row.step() ? row.integer(0) : 0;
}

}  // namespace thorax::store
