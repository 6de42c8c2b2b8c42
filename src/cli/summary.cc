#include "cli/summary.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/terminal.h"
#include "report/phrases.h"

namespace thorax::cli {
namespace {

using pipeline::Outcome;

struct Line {
  std::string name, verdict, probability, trust, finding, seconds;
  enum Colour { plain, red, yellow, green, dim } colour = plain;
};

const findings::Finding* most_dangerous(const findings::Decision& decision) {
  const auto& all = decision.findings;
  const auto found = std::find_if(all.begin(), all.end(), [&](const findings::Finding& finding) {
    return finding.id == decision.verdict.most_dangerous;
  });
  return found == all.end() ? nullptr : &*found;
}

void set_verdict(const findings::Verdict& verdict, Language language, Line& line) {
  const std::string text = report::verdict_text(verdict.kind).in(language);
  switch (verdict.kind) {
    case findings::VerdictKind::normal:
      line.verdict = "○ " + text;
      line.colour = Line::green;
      break;
    case findings::VerdictKind::pathology:
      line.verdict = "● " + text;
      line.colour = Line::red;
      break;
    case findings::VerdictKind::uncertain:
      line.verdict = "◌ " + text;
      line.colour = Line::yellow;
      break;
  }
  line.probability = report::number(verdict.probability, 2, language);
}

Line line_of(const Outcome& outcome, Language language) {
  const report::StudyResult& result = outcome.result;
  Line line;
  line.name = outcome.name;
  if (!result.within.empty())
    line.name += " · " + std::filesystem::path(result.within).filename().string();
  line.seconds = report::number(result.provenance.seconds, 1, language);
  // A study can be refused after it was judged: its quality is not the reason then.
  if (!result.failure || result.trust != report::Trust::unfit)
    line.trust = report::trust_text(result.trust).in(language);
  if (result.failure) {
    line.verdict = Text{"✕ failed", "✕ отказ"}.in(language);
    line.finding = result.failure->id();
    line.colour = Line::dim;
    return line;
  }
  if (result.decision) {
    set_verdict(result.decision->verdict, language, line);
    if (const findings::Finding* finding = most_dangerous(*result.decision))
      line.finding = finding->name.in(language);
  }
  return line;
}

std::string paint(const Terminal& terminal, Line::Colour colour, const std::string& text) {
  switch (colour) {
    case Line::red:
      return terminal.red(text);
    case Line::yellow:
      return terminal.yellow(text);
    case Line::green:
      return terminal.green(text);
    case Line::dim:
      return terminal.dim(text);
    case Line::plain:
      break;
  }
  return text;
}

void print_table(const std::vector<Line>& lines, const Terminal& terminal, Language language) {
  const Line head{Text{"study", "исследование"}.in(language),
                  Text{"verdict", "заключение"}.in(language),
                  "P",
                  Text{"trust", "доверие"}.in(language),
                  Text{"most severe", "самая опасная находка"}.in(language),
                  Text{"s", "с"}.in(language)};
  constexpr std::string Line::*kColumns[] = {&Line::name,  &Line::verdict, &Line::probability,
                                             &Line::trust, &Line::finding, &Line::seconds};
  const auto print = [&](const Line& line, bool is_head) {
    std::string out;
    for (const auto column : kColumns) {
      int width = display_width(head.*column);
      for (const Line& other : lines) width = std::max(width, display_width(other.*column));
      const std::string cell = fit(line.*column, width);
      out += column == &Line::verdict ? paint(terminal, line.colour, cell) : cell;
      out += "  ";
    }
    out.erase(out.find_last_not_of(' ') + 1);
    std::cout << (is_head ? terminal.bold(out) : out) << '\n';
  };
  print(head, true);
  for (const Line& line : lines) print(line, false);
}

/// Studies that failed for the same reason share one sentence.
void print_failures(const std::vector<Outcome>& outcomes, const Terminal& terminal,
                    Language language) {
  constexpr std::size_t kNamed = 3;
  std::vector<std::pair<Notice, std::vector<std::string>>> reasons;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.result.failure) continue;
    const auto known = std::find_if(reasons.begin(), reasons.end(), [&](const auto& reason) {
      return reason.first == *outcome.result.failure;
    });
    if (known != reasons.end())
      known->second.push_back(outcome.name);
    else
      reasons.push_back({*outcome.result.failure, {outcome.name}});
  }
  for (const auto& [notice, names] : reasons) {
    std::string shown;
    for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i)
      shown += (i ? ", " : "") + names[i];
    if (names.size() > kNamed)
      shown += Text{" and ", " и ещё "}.in(language) + std::to_string(names.size() - kNamed) +
               Text{" more", ""}.in(language);
    std::cout << '\n'
              << terminal.red(shown + ": " + notice.id()) << "  " << notice.what(language) << "\n  "
              << notice.todo(language) << '\n';
  }
}

}  // namespace

void print_summary(const std::vector<Outcome>& outcomes, const pipeline::BatchJob& job,
                   Language language) {
  const Terminal terminal(stdout);
  std::vector<Line> lines;
  for (const Outcome& outcome : outcomes) lines.push_back(line_of(outcome, language));
  print_table(lines, terminal, language);
  print_failures(outcomes, terminal, language);
  const auto written = std::find_if(outcomes.begin(), outcomes.end(),
                                    [](const Outcome& outcome) { return !outcome.folder.empty(); });
  if (written != outcomes.end()) {
    const bool html = job.options.output.html;
    const std::filesystem::path place =
        outcomes.size() > 1 ? job.output / (html ? "index.html" : "")
                            : written->folder / (html ? "report.html" : "result.json");
    std::cout << '\n'
              << Text{"Report: ", "Отчёт: "}.in(language)
              << std::filesystem::absolute(place).lexically_normal().string() << '\n';
  }
  std::cout << terminal.dim(report::kResearchUseOnly.in(language)) << '\n';
}

}  // namespace thorax::cli
