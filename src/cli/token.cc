// Tokens with which programs use the service.
#include <iostream>
#include <memory>

#include "cli/service_data.h"
#include "serve/views.h"

namespace thorax::cli {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

struct Arguments : ServiceArguments {
  std::string label, id, scope = "read";
  int days = 0;
};

void create(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  const store::Rights rights = store::Rights::parse(arguments.scope);
  std::cerr << program.say({"This is the only time that the token is shown:",
                            "Токен показывается только один раз:"})
            << std::endl;
  data.record("token_create", arguments.label, {{"scopes", rights.text()}});
  std::cout << data.people.create_token(arguments.label, rights, arguments.days * kDayMs)
            << std::endl;
}

void list(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  const auto when = [](const std::optional<std::int64_t>& time) {
    return time ? serve::time_text(*time) : std::string("—");
  };
  std::vector<std::vector<std::string>> rows{
      {"ID", program.say({"LABEL", "НАЗНАЧЕНИЕ"}), program.say({"SCOPES", "ПРАВА"}),
       program.say({"EXPIRES", "ДЕЙСТВУЕТ ДО"}), program.say({"LAST USED", "ПОСЛЕДНИЙ ЗАПРОС"})}};
  for (const store::Token& token : data.people.tokens())
    rows.push_back(
        {token.id, token.label, token.rights.text(), when(token.expires_at), when(token.used_at)});
  print_table(rows);
}

void remove(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  data.people.remove_token(arguments.id);
  data.record("token_remove", arguments.id);
  std::cout << program.say({"Removed: ", "Удалён: "}) << arguments.id << '\n';
}

}  // namespace

void add_token_command(CLI::App& app, Program& program) {
  CLI::App* token =
      add_command(app, program, "token",
                  {"Tokens with which programs use the service",
                   "Токены, с которыми программы работают с сервисом"},
                  {"thorax token create pacs-bridge --scope read,upload", "thorax token list"});
  token->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  const auto finish = [&](CLI::App* command, void (*work)(Program&, const Arguments&)) {
    add_service_options(*command, program, *arguments);
    command->callback([&program, arguments, work] { work(program, *arguments); });
  };
  CLI::App* created =
      add_command(*token, program, "create",
                  {"Make a token and show it once", "Создать токен и показать его один раз"},
                  {"thorax token create pacs-bridge --scope read,upload --days 90"});
  add_option(
      *created, program, "label", arguments->label,
      {"What it is for; the audit log names it so", "Для чего он; так он назван в журнале аудита"},
      "LABEL")
      ->required();
  add_option(
      *created, program, "--scope", arguments->scope,
      {"Any of read, upload, remove, names, admin", "Любые из read, upload, remove, names, admin"},
      "A,B,…");
  add_option(*created, program, "--days", arguments->days,
             {"It ends after so many days; 0: never",
              "Через сколько дней перестаёт действовать; 0: никогда"},
             "N")
      ->check(CLI::Range(0, 36'500));
  finish(created, create);
  finish(add_command(*token, program, "list", {"Tokens and what they may do", "Токены и их права"},
                     {"thorax token list"}),
         list);
  CLI::App* removed = add_command(*token, program, "remove",
                                  {"Make a token invalid", "Сделать токен недействительным"},
                                  {"thorax token remove 0193f0a1b2c3d4e5f6a7b8c9"});
  add_option(*removed, program, "id", arguments->id,
             {"Id of the token, as the list shows it", "Идентификатор токена из списка"}, "ID")
      ->required();
  finish(removed, remove);
}

}  // namespace thorax::cli
