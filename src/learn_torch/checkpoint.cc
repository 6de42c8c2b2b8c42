#include "learn_torch/checkpoint.h"

#include <cmath>

#include "base/error.h"
#include "weights/safetensors.h"

namespace thorax::learn {

using nlohmann::json;

namespace {

/// JSON has no word for what is no number.
json number(double value) {
  return std::isnan(value) ? json(nullptr) : json(value);
}

double number_of(const json& value) {
  return value.is_null() ? std::nan("") : value.get<double>();
}

json to_json(const EpochRow& row) {
  return {row.epoch,
          row.rate,
          row.train_loss,
          row.validation_loss,
          number(row.validation_accuracy),
          number(row.validation_f1),
          number(row.validation_auroc),
          row.seconds,
          row.waiting};
}

EpochRow row_of(const json& values) {
  EpochRow row;
  row.epoch = values.at(0);
  row.rate = values.at(1);
  row.train_loss = values.at(2);
  row.validation_loss = values.at(3);
  row.validation_accuracy = number_of(values.at(4));
  row.validation_f1 = number_of(values.at(5));
  row.validation_auroc = number_of(values.at(6));
  row.seconds = values.at(7);
  row.waiting = values.at(8);
  return row;
}

}  // namespace

std::string to_text(const Position& position) {
  json rows = json::array();
  for (const EpochRow& row : position.rows) rows.push_back(to_json(row));
  return json{{"step", position.step},
              {"loss_sum", position.loss_sum},
              {"seconds", position.seconds},
              {"waiting", position.waiting},
              {"rows", rows}}
      .dump();
}

Position position_of(const std::string& text) {
  const json where = json::parse(text);
  Position position;
  position.step = where.at("step");
  position.loss_sum = where.at("loss_sum");
  position.seconds = where.at("seconds");
  position.waiting = where.at("waiting");
  for (const json& row : where.at("rows")) position.rows.push_back(row_of(row));
  return position;
}

void write_checkpoint(const std::filesystem::path& path, const weights::StateDict& state,
                      const Position& position, const std::string& fingerprint) {
  weights::write_safetensors(path, state,
                             {{"fingerprint", fingerprint}, {"position", to_text(position)}});
}

std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& path,
                                          const std::string& fingerprint) {
  if (!std::filesystem::exists(path)) return {};
  const weights::Safetensors file = weights::read_safetensors(path);
  const auto found = file.metadata.find("fingerprint");
  if (found == file.metadata.end() || found->second != fingerprint)
    throw Error("run_differs"_code, {{"path", path.parent_path().string()}});
  Checkpoint checkpoint;
  checkpoint.state = file.tensors;
  try {
    checkpoint.position = position_of(file.metadata.at("position"));
  } catch (const json::exception& broken) {
    throw Error("bad_weights"_code, {{"path", path.string()}, {"detail", broken.what()}});
  } catch (const std::out_of_range& absent) {
    throw Error("bad_weights"_code, {{"path", path.string()}, {"detail", absent.what()}});
  }
  return checkpoint;
}

}  // namespace thorax::learn
