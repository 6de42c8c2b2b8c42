#include "store/audit.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/hash.h"
#include "store/files.h"

namespace thorax::store {
namespace {

using nlohmann::json;

constexpr const char* kHeadName = "audit.head";
const std::string kNoHash(64, '0');
constexpr const char* kColumns = "number, at, who, address, action, target, details, hash";

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

AuditRecord read_record(const Statement& row) {
  AuditRecord record;
  record.number = row.integer(0);
  record.at = row.integer(1);
  record.entry = {row.text(2), row.text(3), row.text(4), row.text(5), {}};
  // What is no object of texts was not written here, and its hash will tell.
  const json details = json::parse(row.text(6), nullptr, false);
  if (details.is_object())
    for (const auto& [key, value] : details.items())
      record.entry.details[key] = value.is_string() ? value.get<std::string>() : text_of(value);
  record.hash = row.text(7);
  return record;
}

/// Text that comes back from the database and JSON as it went in.
std::string clean(const std::string& text) {
  const std::string quoted = text_of(json(text.substr(0, text.find('\0'))));
  return json::parse(quoted).get<std::string>();
}

AuditEntry clean(const AuditEntry& entry) {
  AuditEntry out{
      clean(entry.who), clean(entry.address), clean(entry.action), clean(entry.target), {}};
  for (const auto& [key, value] : entry.details) out.details[clean(key)] = clean(value);
  return out;
}

std::string where_of(const AuditQuery& query) {
  std::string where = " WHERE 1 = 1";
  if (!query.who.empty()) where += " AND who = ?";
  if (!query.action.empty()) where += " AND action = ?";
  if (!query.target.empty()) where += " AND target = ?";
  return where;
}

void bind_query(Statement& statement, const AuditQuery& query) {
  for (const std::string* value : {&query.who, &query.action, &query.target})
    if (!value->empty()) statement.bind(*value);
}

}  // namespace

std::string audit_hash(const std::string& previous, const AuditRecord& record) {
  return sha256_hex(previous + '\n' +
                    text_of({{"number", record.number},
                             {"at", record.at},
                             {"who", record.entry.who},
                             {"address", record.entry.address},
                             {"action", record.entry.action},
                             {"target", record.entry.target},
                             {"details", record.entry.details}}));
}

AuditHead AuditHead::parse(const std::string& text) {
  AuditHead head;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, head.number);
  head.hash = text.substr(std::min(colon + 1, text.size()));
  if (error != std::errc() || end != text.data() + colon || head.number < 0 ||
      head.hash.size() != kNoHash.size())
    throw Error("bad_parameter"_code,
                {{"name", "head"}, {"value", text}, {"allowed", "NUMBER:HASH"}});
  return head;
}

Audit::Audit(Database& database, const std::filesystem::path& folder, Clock now)
    : database_(database), head_file_(folder / kHeadName), now_(std::move(now)) {}

AuditHead Audit::last() {
  Statement row = database_.prepare("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
  if (!row.step()) return {0, kNoHash};
  return {row.integer(0), row.text(1)};
}

void Audit::append(const AuditEntry& entry) {
  const std::lock_guard lock(mutex_);
  AuditRecord record;
  record.entry = clean(entry);
  {
    Transaction transaction(database_);
    const AuditHead before = last();
    record.number = before.number + 1;
    record.at = now_();
    record.hash = audit_hash(before.hash, record);
    database_.prepare(std::string("INSERT INTO audit (") + kColumns + ") VALUES (?,?,?,?,?,?,?,?)")
        .bind(record.number)
        .bind(record.at)
        .bind(record.entry.who)
        .bind(record.entry.address)
        .bind(record.entry.action)
        .bind(record.entry.target)
        .bind(text_of(record.entry.details))
        .bind(record.hash)
        .run();
    transaction.commit();
  }
  // After the record: a head that is behind is no fault, one that is ahead looks like a cut.
  keep_head({record.number, record.hash});
}

std::optional<AuditHead> Audit::kept_head() const {
  std::ifstream file(head_file_);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return AuditHead::parse(line);
}

void Audit::keep_head(const AuditHead& head) const {
  write_file(head_file_, head.text() + '\n');
}

std::vector<AuditRecord> Audit::list(const AuditQuery& query) {
  Transaction transaction(database_);
  Statement rows = database_.prepare(std::string("SELECT ") + kColumns + " FROM audit" +
                                     where_of(query) + " ORDER BY number DESC LIMIT ? OFFSET ?");
  bind_query(rows, query);
  rows.bind(static_cast<std::int64_t>(query.limit)).bind(static_cast<std::int64_t>(query.offset));
  std::vector<AuditRecord> records;
  while (rows.step()) records.push_back(read_record(rows));
  return records;
}

std::int64_t Audit::count(const AuditQuery& query) {
  Transaction transaction(database_);
  Statement rows = database_.prepare("SELECT count(*) FROM audit" + where_of(query));
  bind_query(rows, query);
  return rows.step() ? rows.integer(0) : 0;
}

AuditHead Audit::verify(const std::optional<AuditHead>& noted) {
  const std::string place = database_.path();
  // Read before the records: they may only become more meanwhile.
  const std::optional<AuditHead> kept = kept_head();
  AuditHead head{0, kNoHash};
  bool kept_seen = kept && kept->number == 0, noted_seen = !noted || noted->number == 0;
  Transaction transaction(database_);
  Statement rows =
      database_.prepare(std::string("SELECT ") + kColumns + " FROM audit ORDER BY number");
  while (rows.step()) {
    const AuditRecord record = read_record(rows);
    if (record.number != head.number + 1)
      throw Error("audit_record_missing"_code,
                  {{"number", std::to_string(head.number + 1)}, {"path", place}});
    if (record.hash != audit_hash(head.hash, record))
      throw Error("audit_record_changed"_code,
                  {{"number", std::to_string(record.number)}, {"path", place}});
    head = {record.number, record.hash};
    const auto is_here = [&](const std::optional<AuditHead>& wanted) {
      return wanted && wanted->number == head.number && wanted->hash == head.hash;
    };
    kept_seen = kept_seen || is_here(kept);
    noted_seen = noted_seen || is_here(noted);
  }
  const auto cut = [&](const std::string& expected) {
    throw Error("audit_cut_short"_code,
                {{"found", std::to_string(head.number)}, {"expected", expected}, {"path", place}});
  };
  if (!noted_seen) cut(std::to_string(noted->number));
  if (!kept_seen && (kept || head.number > 0)) cut(kept ? std::to_string(kept->number) : "?");
  return head;
}

}  // namespace thorax::store
