// thorax similar: the cases of an index that are nearest to others.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "cli/interrupt.h"
#include "cli/learned.h"
#include "cli/terminal.h"
#include "cli/work_line.h"
#include "pipeline/embed.h"

namespace thorax::cli {
namespace {

namespace fs = std::filesystem;
using pipeline::EmbeddingIndex;

struct Arguments {
  std::vector<std::string> words;  ///< INDEX, QUERY…, then settings
  ModelChoice model;
  int count = 30;
  bool no_gate = false, as_json = false;
};

struct Query {
  std::string id;
  std::vector<float> row;           ///< of length 1
  std::optional<std::size_t> self;  ///< its row, when it is a case of the index
};

/// Turns words into rows to look for.
class Queries {
 public:
  Queries(Program& program, const Arguments& arguments, const EmbeddingIndex& index)
      : program_(program), arguments_(arguments), index_(index) {}

  void add(const std::string& word) {
    const auto known = std::ranges::find(index_.ids, word);
    if (!fs::exists(word) && known != index_.ids.end()) {
      const auto row = static_cast<std::size_t>(known - index_.ids.begin());
      add_row(word, index_.row(row), row);
    } else if (fs::path(word).extension() == ".safetensors") {
      add_all(pipeline::read_index(word), word);
    } else {
      add_all(embedded(word), word);
    }
  }

  std::vector<Query> found;
  std::vector<Notice> lost;

 private:
  void add_row(const std::string& id, std::span<const float> row, std::optional<std::size_t> self) {
    Query query{id, {row.begin(), row.end()}, self};
    if (pipeline::normalise(query.row)) found.push_back(std::move(query));
  }

  void add_all(const EmbeddingIndex& queries, const std::string& path) {
    if (queries.ids.empty()) return;
    if (queries.width != index_.width || queries.model_sha256 != index_.model_sha256)
      throw Error("bad_index"_code,
                  {{"path", path},
                   {"detail", queries.model + " [" + std::to_string(queries.width) + "] ≠ " +
                                  index_.model + " [" + std::to_string(index_.width) + "]"}});
    for (std::size_t i = 0; i < queries.ids.size(); ++i)
      add_row(queries.ids[i], queries.row(i), std::nullopt);
  }

  EmbeddingIndex embedded(const std::string& path) {
    if (!model_) {
      ModelChoice choice = arguments_.model;
      if (choice.model.empty()) choice.model = index_.model;
      model_ = load_model(program_, choice);
    }
    const Interrupt interrupt;
    WorkLine work(program_.options.language, model_->manifest.name);
    pipeline::EmbedOptions wanted;
    if (arguments_.no_gate) wanted.gate = pipeline::Gate::off;
    EmbeddingIndex queries =
        pipeline::embed_cases(pipeline::expand_inputs({path}), *model_, wanted, program_.options,
                              Progress(&work, &interrupt.flag()));
    work.clear();
    for (const pipeline::LostCase& one : queries.lost) {
      print_notice(one.id, one.reason, program_.options.language);
      lost.push_back(one.reason);
    }
    return queries;
  }

  Program& program_;
  const Arguments& arguments_;
  const EmbeddingIndex& index_;
  std::optional<pipeline::LearnedModel> model_;
};

void print(const Query& query, const std::vector<pipeline::Neighbour>& neighbours,
           const EmbeddingIndex& index, bool as_json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  if (!as_json) std::cout << Terminal(stdout).bold(query.id) << '\n';
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    const pipeline::Neighbour& one = neighbours[i];
    if (as_json)
      list.push_back({{"rank", i + 1}, {"similarity", one.similarity}, {"id", index.ids[one.row]}});
    else
      std::cout << std::setw(5) << i + 1 << "  " << std::fixed << std::setprecision(4)
                << one.similarity << "  " << index.ids[one.row] << '\n';
  }
  if (as_json)
    std::cout << nlohmann::ordered_json{{"query", query.id}, {"nearest", list}}.dump() << '\n';
}

void similar(Program& program, const Arguments& arguments) {
  const std::vector<std::string> words = apply_settings(program, arguments.words);
  if (words.size() < 2)
    throw Error("bad_option"_code, {{"option", "QUERY"}, {"value", "\"\""}, {"hint", "PATH | ID"}});
  const EmbeddingIndex index = pipeline::read_index(words[0]);
  Queries queries(program, arguments, index);
  std::for_each(words.begin() + 1, words.end(),
                [&](const std::string& word) { queries.add(word); });
  std::vector<std::vector<float>> rows;
  for (const Query& query : queries.found) rows.push_back(query.row);
  // One more than asked for: a case of the index is its own nearest, and is left out.
  const auto count = static_cast<std::size_t>(arguments.count);
  std::vector<std::vector<pipeline::Neighbour>> nearest = pipeline::nearest(index, rows, count + 1);
  for (std::size_t q = 0; q < nearest.size(); ++q) {
    const Query& query = queries.found[q];
    std::erase_if(nearest[q], [&](const auto& one) { return one.row == query.self; });
    nearest[q].resize(std::min(count, nearest[q].size()));
    print(query, nearest[q], index, arguments.as_json);
  }
  program.exit_code = exit_code(queries.found.size() + queries.lost.size(), queries.lost);
}

}  // namespace

void add_similar_command(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, program, "similar",
      {"Find the cases of an index that are most alike", "Найти в индексе самые похожие случаи"},
      {"thorax similar embeddings.safetensors study.zip -k 10",
       "thorax similar embeddings.safetensors 1.2.840.113 --json",
       "thorax similar embeddings.safetensors queries.safetensors", "",
       program.say({"A query is a study or picture (embedded with the index's model), an id of the "
                    "index, or a file of embeddings.",
                    "Запрос — исследование или снимок (эмбеддинг считается моделью индекса), "
                    "идентификатор из индекса или файл эмбеддингов."}),
       program.say({"Prints rank, cosine similarity and id. The search is exact.",
                    "Выводит номер, косинусное сходство и идентификатор. Поиск точный."}),
       program.say(kExitCodes)});
  auto arguments = std::make_shared<Arguments>();
  add_option(*command, program, "words", arguments->words,
             {"File of `thorax embed`, then queries and settings",
              "Файл команды `thorax embed`, затем запросы и параметры"},
             "INDEX QUERY…|key=value")
      ->required();
  add_model_choice(*command, program, arguments->model);
  add_option(*command, program, "-k", arguments->count,
             {"Cases a query", "Сколько случаев на запрос"}, "N")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  add_flag(*command, program, "--no-gate", arguments->no_gate, kNoGate);
  add_flag(*command, program, "--json", arguments->as_json,
           {"One JSON object a query", "Один объект JSON на запрос"});
  add_settings_options(*command, program);
  command->callback([&program, arguments] { similar(program, *arguments); });
}

}  // namespace thorax::cli
