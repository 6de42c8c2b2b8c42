#include "base/measurement.h"

#include "base/error.h"

namespace thorax {

void Measurements::add(Measurement m) {
  if (!index_.emplace(m.id, all_.size()).second)
    throw Error("internal"_code, {{"detail", "measured twice: " + m.id}});
  all_.push_back(std::move(m));
}

const Measurement* Measurements::find(const std::string& id) const {
  const auto it = index_.find(id);
  return it == index_.end() ? nullptr : &all_[it->second];
}

const Text* Measurements::why_omitted(const std::string& id) const {
  const auto it = omitted_.find(id);
  return it == omitted_.end() ? nullptr : &it->second;
}

std::optional<double> Measurements::value(const std::string& id) const {
  const Measurement* m = find(id);
  return m ? std::optional(m->value) : std::nullopt;
}

}  // namespace thorax
