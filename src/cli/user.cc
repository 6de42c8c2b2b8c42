// Who may sign in at the service.
#include <functional>
#include <iostream>
#include <memory>

#include "cli/password.h"
#include "cli/service_data.h"
#include "serve/views.h"

namespace thorax::cli {
namespace {

struct Arguments : ServiceArguments {
  std::string name, role = "viewer";
  bool names = false;
  int password_fd = -1;
};

void add(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  const store::Role role = store::parse_role(arguments.role);
  data.people.add(arguments.name, role, arguments.names,
                  read_password(program, arguments.password_fd));
  data.record("user_add", arguments.name,
              {{"role", arguments.role}, {"names", arguments.names ? "yes" : "no"}});
  std::cout << program.say({"Added: ", "Добавлен: "}) << arguments.name << '\n';
}

void list(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  std::vector<std::vector<std::string>> rows{
      {program.say({"NAME", "ИМЯ"}), program.say({"ROLE", "РОЛЬ"}),
       program.say({"RIGHTS", "ПРАВА"}), program.say({"LAST SIGN-IN", "ПОСЛЕДНИЙ ВХОД"})}};
  for (const store::User& user : data.people.users())
    rows.push_back({user.name, std::string(store::to_string(user.role)), user.rights.text(),
                    user.signed_in_at ? serve::time_text(*user.signed_in_at) : "—"});
  print_table(rows);
}

void remove(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  data.people.remove(arguments.name);
  data.record("user_remove", arguments.name);
  std::cout << program.say({"Removed: ", "Удалён: "}) << arguments.name << '\n';
}

void set_password(Program& program, const Arguments& arguments) {
  ServiceData data(arguments.folder(program));
  data.people.set_password(arguments.name, read_password(program, arguments.password_fd));
  data.record("user_password", arguments.name);
  std::cout << program.say({"New password set; the sessions of this user have ended: ",
                            "Пароль изменён, сеансы пользователя завершены: "})
            << arguments.name << '\n';
}

}  // namespace

void add_user_command(CLI::App& app, Program& program) {
  CLI::App* user =
      add_command(app, program, "user", {"Who may sign in at the service", "Пользователи сервиса"},
                  {"thorax user add anna --role operator", "thorax user list"});
  user->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  const auto action = [&](const std::string& name, const Text& what,
                          const std::vector<std::string>& examples, bool named,
                          void (*work)(Program&, const Arguments&)) {
    CLI::App* command = add_command(*user, program, name, what, examples);
    if (named)
      add_option(*command, program, "name", arguments->name,
                 {"Name of the user", "Имя пользователя"}, "NAME")
          ->required();
    add_service_options(*command, program, *arguments);
    command->callback([&program, arguments, work] { work(program, *arguments); });
    return command;
  };
  const auto with_password = [&](CLI::App* command) {
    add_option(*command, program, "--password-fd", arguments->password_fd,
               {"Read the password from this file descriptor instead of the terminal",
                "Прочитать пароль из этого файлового дескриптора, а не с терминала"},
               "N");
  };
  CLI::App* added = action(
      "add",
      {"Add a user; the password is asked for", "Добавить пользователя; пароль спрашивается"},
      {"thorax user add anna --role operator",
       "pass thorax/anna | thorax user add anna "
       "--password-fd 0"},
      true, add);
  with_password(added);
  add_option(*added, program, "--role", arguments->role,
             {"viewer (reads, no names of patients), operator (sends and deletes too), admin (sees "
              "the audit log too)",
              "viewer (чтение, без имён пациентов), operator (также отправка и удаление), admin "
              "(также журнал аудита)"},
             "ROLE");
  add_flag(
      *added, program, "--names", arguments->names,
      {"Sees names of patients, even as a viewer", "Видит имена пациентов даже в роли viewer"});
  action("list", {"Users and what they may do", "Пользователи и их права"}, {"thorax user list"},
         false, list);
  action("remove",
         {"Remove a user and end their sessions", "Удалить пользователя и завершить его сеансы"},
         {"thorax user remove anna"}, true, remove);
  with_password(action("password", {"Set a new password", "Задать новый пароль"},
                       {"thorax user password anna"}, true, set_password));
}

}  // namespace thorax::cli
