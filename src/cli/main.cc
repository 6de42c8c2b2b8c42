#include <iostream>

#include "base/version.h"

int main() {
  std::cout << "thorax " << thorax::kVersion << '\n';
  return 0;
}
