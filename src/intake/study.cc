#include "intake/study.h"

namespace thorax::intake {

std::size_t Series::image_count() const {
  std::size_t count = 0;
  for (const Instance& instance : instances) count += static_cast<std::size_t>(instance.frames);
  return count;
}

const Series* Study::chosen() const {
  for (const Series& s : series)
    if (s.role == SeriesRole::taken) return &s;
  return nullptr;
}

}  // namespace thorax::intake
