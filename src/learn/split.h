// Who is trained on, who is used to choose, and who is kept for the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace thorax::learn {

enum class Split { train, validation, test };

const char* to_string(Split split);

/// One split a picture. All pictures of a patient are in the same one; patients are drawn for each
/// class apart, so that every split has about the same share of each (a patient with several counts
/// for the highest). Depends on the names of the patients and the seed alone, not on the order.
std::vector<Split> split_by_patient(const std::vector<std::string>& patients,
                                    const std::vector<int>& labels, double validation, double test,
                                    std::uint64_t seed);

}  // namespace thorax::learn
