#include "cli/progress_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>

namespace thorax::cli {
namespace {

constexpr double kFirstDrawSeconds = 1;
constexpr double kRedrawSeconds = 0.1;
constexpr int kBarCells = 20;

/// Stage names are identifiers; these are what a person reads.
std::string stage_name(std::string_view stage, Language language) {
  struct Name {
    std::string_view stage;
    Text text;
  };
  static const std::array<Name, 14> names{{{"phantom", {"drawing", "рисование"}},
                                           {"project", {"X-ray", "рентгенограмма"}},
                                           {"index", {"reading headers", "чтение заголовков"}},
                                           {"read", {"decoding", "декодирование"}},
                                           {"quality", {"quality", "качество"}},
                                           {"lungs", {"lungs", "лёгкие"}},
                                           {"measure", {"measuring", "измерения"}},
                                           {"pictures", {"pictures", "изображения"}},
                                           {"write", {"writing", "запись"}},
                                           {"body-part", {"body part", "область тела"}},
                                           {"segment", {"organs", "органы"}},
                                           {"networks", {"neural networks", "нейросети"}},
                                           {"self-test", {"self-test", "самопроверка"}},
                                           {"done", {"done", "готово"}}}};
  for (const Name& name : names)
    if (name.stage == stage) return name.text.in(language);
  return std::string(stage);
}

std::string minutes(double seconds) {
  const int whole = static_cast<int>(std::lround(std::min(seconds, 359999.0)));
  const std::string rest = std::to_string(whole % 60);
  return std::to_string(whole / 60) + (rest.size() < 2 ? ":0" : ":") + rest;
}

}  // namespace

std::string progress_text(double done, double seconds, const std::string& study,
                          std::string_view stage, Language language, int columns) {
  done = std::clamp(done, 0.0, 1.0);
  const int full = static_cast<int>(std::lround(done * kBarCells));
  std::string text;
  for (int i = 0; i < kBarCells; ++i) text += i < full ? "▓" : "░";
  text += ' ' + std::to_string(static_cast<int>(done * 100)) + " %  ";
  // Too early to tell before a twentieth is done.
  if (done > 0.05) {
    const std::string left = minutes(seconds * (1 - done) / done);
    text += language == Language::ru ? "осталось " + left + "  " : left + " left  ";
  }
  text += study + ": " + stage_name(stage, language);
  return display_width(text) > columns ? fit(text, columns) : text;
}

ProgressLine::ProgressLine(Language language, std::size_t inputs)
    : language_(language), inputs_(inputs) {}

void ProgressLine::progressed(double done, const std::string& study, std::string_view stage) {
  if (!terminal_.is_terminal()) return;
  const std::lock_guard lock(mutex_);
  const double seconds = started_.seconds();
  if (seconds < kFirstDrawSeconds || seconds - drawn_at_ < kRedrawSeconds) return;
  drawn_at_ = seconds;
  drawn_ = true;
  const std::string count =
      inputs_ > 1 ? "[" + std::to_string(finished_) + "/" + std::to_string(inputs_) + "] " : "";
  std::cerr << '\r'
            << count + progress_text(done, seconds, study, stage, language_,
                                     terminal_.columns() - 1 - display_width(count))
            << "\x1b[K" << std::flush;
}

void ProgressLine::finished(const pipeline::Outcome&) {
  const std::lock_guard lock(mutex_);
  ++finished_;
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace thorax::cli
