// The audit log of the service: to read, and to check.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "cli/service_data.h"
#include "cli/terminal.h"
#include "serve/views.h"

namespace thorax::cli {
namespace {

struct Arguments : ServiceArguments {
  store::AuditQuery query;
  std::string head;
};

void list(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  std::vector<std::vector<std::string>> rows{
      {"N", program.say({"WHEN", "КОГДА"}), program.say({"WHO", "КТО"}),
       program.say({"FROM", "ОТКУДА"}), program.say({"ACTION", "ДЕЙСТВИЕ"}),
       program.say({"TARGET", "ОБЪЕКТ"})}};
  for (const store::AuditRecord& record : data.audit.list(arguments.query)) {
    std::string target = record.entry.target;
    for (const auto& [key, value] : record.entry.details)
      target.append(" ").append(key).append("=").append(value);
    rows.push_back({std::to_string(record.number), serve::time_text(record.at), record.entry.who,
                    record.entry.address, record.entry.action, target});
  }
  print_table(rows);
}

void verify(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  std::optional<store::AuditHead> noted;
  if (!arguments.head.empty()) noted = store::AuditHead::parse(arguments.head);
  const store::AuditHead head = data.audit.verify(noted);
  std::cout << Terminal(stdout).green("✓ ")
            << program.say(
                   {"Every record is as it was written: ", "Все записи те, что были сделаны: "})
            << head.number << '\n'
            << program.say({"Note this elsewhere, and give it to the next check with --head:",
                            "Сохраните в другом месте и передайте следующей проверке через "
                            "--head:"})
            << '\n'
            << head.text() << '\n';
}

}  // namespace

void add_audit_command(CLI::App& app, Program& program) {
  CLI::App* audit =
      add_command(app, program, "audit",
                  {"Who saw and did what at the service", "Кто что видел и делал в сервисе"},
                  {"thorax audit list --who anna", "thorax audit verify --head 120:5f3a…"});
  audit->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* listed =
      add_command(*audit, program, "list", {"The latest records", "Последние записи"},
                  {"thorax audit list --target 0193f0a1b2c3d4e5f6a7b8c9"});
  add_option(*listed, program, "--limit", arguments->query.limit, {"How many", "Сколько записей"},
             "N")
      ->check(CLI::Range(1, 1'000'000));
  add_option(*listed, program, "--who", arguments->query.who,
             {"Of this user or token", "Только этого пользователя или токена"}, "NAME");
  add_option(*listed, program, "--action", arguments->query.action,
             {"Of this kind", "Только этого вида"}, "NAME");
  add_option(
      *listed, program, "--target", arguments->query.target,
      {"About this study, job or user", "Только об этом исследовании, задании, пользователе"},
      "ID");
  add_service_options(*listed, program, *arguments);
  listed->callback([&program, arguments] { list(program, *arguments); });
  CLI::App* verified =
      add_command(*audit, program, "verify",
                  {"Check that no record was changed, removed or moved",
                   "Проверить, что записи не изменены, не удалены и не переставлены"},
                  {"thorax audit verify"});
  add_option(*verified, program, "--head", arguments->head,
             {"The last record as it was noted elsewhere",
              "Последняя запись, как она была сохранена в другом месте"},
             "NUMBER:HASH");
  add_service_options(*verified, program, *arguments);
  verified->callback([&program, arguments] { verify(program, *arguments); });
}

}  // namespace thorax::cli
