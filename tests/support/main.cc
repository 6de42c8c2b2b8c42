// GoogleTest's main for rooms that open a Source: the test program is its own decoding child.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <new>

#include "intake/child_main.h"
#include "intake/child_probe.h"

namespace {

using thorax::intake::EntryWork;

/// Entries whose names ask for it end the child the way a decoder's defect would.
void probe(EntryWork work, const std::string& shown) {
  const auto named = [&](const char* word) { return shown.find(word) != std::string::npos; };
  if (work == EntryWork::pixels) {
    if (named("deadly-pixels")) raise(SIGSEGV);
    return;
  }
  if (named("deadly-crash")) raise(SIGSEGV);
  if (named("deadly-cpu")) raise(SIGXCPU);
  if (named("deadly-hang"))
    for (;;) pause();
  if (named("deadly-memory")) throw std::bad_alloc();
}

}  // namespace

int main(int argc, char** argv) {
  thorax::intake::set_entry_probe(probe);
  if (int status = 0; thorax::intake::run_decode_child(argc, argv, status)) return status;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
