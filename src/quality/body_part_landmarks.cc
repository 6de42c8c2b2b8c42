#include "quality/body_part_landmarks.h"

namespace thorax::quality {

const std::map<std::string, double>& published_landmarks() {
  static const std::map<std::string, double> landmarks{
      {"pelvis_start", 0.000}, {"femur_end", 13.616}, {"L5", 25.532},
      {"pelvis_end", 28.824},  {"L4", 29.414},        {"L3", 33.817},
      {"kidney", 37.597},      {"L2", 37.763},        {"L1", 41.478},
      {"lung_start", 44.143},  {"Th12", 44.952},      {"Th11", 47.725},
      {"Th10", 51.069},        {"Th9", 53.994},       {"liver_end", 54.479},
      {"Th8", 56.856},         {"Th7", 59.851},       {"Th6", 63.177},
      {"Th5", 65.964},         {"Th4", 68.499},       {"Th3", 70.973},
      {"Th2", 73.401},         {"lung_end", 75.389},  {"Th1", 75.794},
      {"C7", 77.937},          {"C6", 79.497},        {"C5", 81.826},
      {"C4", 83.817},          {"C3", 85.647},        {"teeth", 86.908},
      {"C2", 87.206},          {"C1", 89.234},        {"nose", 92.567},
      {"eyes_end", 100.000},   {"head_end", 107.756}};
  return landmarks;
}

}  // namespace thorax::quality
