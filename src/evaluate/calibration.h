// Whether probabilities mean what they say, and making them so.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace thorax::evaluate {

/// Softmax of logits divided by the temperature.
std::vector<double> softmax(std::span<const double> logits, double temperature = 1);

/// The temperature in [0.01, 100] with the smallest mean negative log-likelihood of the truth (Guo
/// et al., "On Calibration of Modern Neural Networks", 2017). `logits`: [cases, classes],
/// row-major; `truth`: the class of each case. Throws std::invalid_argument when they do not fit.
double fit_temperature(std::span<const double> logits, std::span<const int> truth,
                       std::size_t classes);

/// What to add to each class's logit so that at this temperature the mean probability of every
/// class is the share of that class: what the best bias of bias-corrected temperature scaling
/// fulfils (Alexandari et al., "Maximum Likelihood with Bias-Corrected Calibration is Hard-To-Beat
/// at Label Shift Adaptation", 2020). `balanced`: cases count so that every class has the same
/// share. The shifts add up to 0; all are 0 where a class has no case. Throws as fit_temperature.
std::vector<double> fit_shift(std::span<const double> logits, std::span<const int> truth,
                              std::size_t classes, double temperature, bool balanced);

/// Mean negative log-likelihood of the truth at a temperature.
double log_loss(std::span<const double> logits, std::span<const int> truth, std::size_t classes,
                double temperature = 1);

/// Cases whose stated probability lies in (low, high], the first bin closed.
struct ReliabilityBin {
  double low = 0, high = 1;
  double weight = 0;    ///< of its cases
  double stated = 0;    ///< mean probability
  double observed = 0;  ///< share that holds
};

/// `bins` of equal width; empty ones too, with weight 0. `weights`: one a case or empty.
std::vector<ReliabilityBin> reliability(std::span<const double> stated,
                                        std::span<const std::uint8_t> holds, int bins = 15,
                                        std::span<const double> weights = {});

/// Expected calibration error: mean of |stated - observed| over the bins by their weight (Naeini et
/// al., 2015). Not a number without cases.
double calibration_error(const std::vector<ReliabilityBin>& bins);

}  // namespace thorax::evaluate
