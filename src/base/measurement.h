// A number Thorax measured, as every later stage sees it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

namespace thorax {

/// Values a healthy adult is expected to show, with the paper they come from. Either end may be
/// open.
struct NormalRange {
  std::optional<double> low;
  std::optional<double> high;
  std::string source;
};

/// How far a number can be trusted.
enum class Reliability { good, limited, weak };

/// One measured number. `id` is stable and dotted ("lung.left.volume", "emphysema.laa950.percent");
/// `unit` is UCUM ("mL", "%", "[hnsf'U]", "mm", "1").
struct Measurement {
  std::string id;
  Text name;
  double value = 0;
  std::string unit;
  int decimals = 1;    ///< digits after the point when shown
  Text method;         ///< how it was measured, one sentence
  std::string source;  ///< paper or standard of the definition; may be empty
  std::optional<NormalRange> normal;
  Reliability reliability = Reliability::good;
  Text caveat;  ///< why the reliability is not good; empty otherwise
};

/// A list with look-up by id.
class Measurements {
 public:
  void add(Measurement m);
  const Measurement* find(const std::string& id) const;  ///< nullptr when not measured
  std::optional<double> value(const std::string& id) const;
  const std::vector<Measurement>& all() const { return all_; }

  /// Says why a number is not there; `why` continues a sentence ("not measured: …").
  void omit(const std::string& id, Text why) { omitted_[id] = std::move(why); }
  const Text* why_omitted(const std::string& id) const;  ///< nullptr when nothing was said

 private:
  std::vector<Measurement> all_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, Text> omitted_;
};

}  // namespace thorax
