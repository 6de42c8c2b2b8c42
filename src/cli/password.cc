#include "cli/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/error.h"

namespace thorax::cli {
namespace {

/// Nobody types or pipes a longer one.
constexpr std::size_t kMaxLine = 4096;

std::string read_line(int descriptor) {
  std::string line;
  for (char c = 0; line.size() < kMaxLine;) {
    if (read(descriptor, &c, 1) != 1 || c == '\n') break;
    line += c;
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// The terminal, without an echo while it lives.
class Quiet {
 public:
  explicit Quiet(int descriptor) : descriptor_(descriptor) {
    tcgetattr(descriptor, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(descriptor, TCSAFLUSH, &quiet);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() { tcsetattr(descriptor_, TCSAFLUSH, &before_); }

 private:
  int descriptor_;
  termios before_{};
};

void show(int descriptor, const std::string& text) {
  if (write(descriptor, text.data(), text.size()) < 0)
    throw Error("cannot_write"_code, {{"path", "/dev/tty"}, {"detail", "terminal"}});
}

std::string ask(const Program& program, int terminal, const Text& question) {
  show(terminal, program.say(question));
  std::string line;
  {
    const Quiet quiet(terminal);
    line = read_line(terminal);
  }
  show(terminal, "\n");
  return line;
}

}  // namespace

std::string read_password(const Program& program, int descriptor) {
  if (descriptor >= 0) return read_line(descriptor);
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0)
    throw Error("bad_option"_code,
                {{"option", "--password-fd"},
                 {"value", "-"},
                 {"hint", "There is no terminal: give the password with --password-fd 0."}});
  std::string first = ask(program, terminal, {"Password: ", "Пароль: "});
  const std::string second = ask(program, terminal, {"Once more: ", "Ещё раз: "});
  close(terminal);
  if (first != second) throw Error("passwords_differ"_code);
  return first;
}

}  // namespace thorax::cli
