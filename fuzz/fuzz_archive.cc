// A zip, tar or gzipped tar: names, members, and what they unpack to.
#include "base/error.h"
#include "decode_one.h"
#include "intake/archive.h"

namespace {

using namespace thorax;
using namespace thorax::intake;

void read_members(const Bytes& bytes, Content kind, Budget& budget, int depth) {
  ArchiveReader reader(bytes, kind, "input", budget);
  while (const std::optional<Member> member = reader.next()) {
    if (member->refused) continue;
    const Content inner = sniff(reader.head(), member->name);
    const Bytes data = reader.read();
    if (is_archive(inner) && depth < budget.limits().max_archive_depth)
      read_members(data, inner, budget, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes({data, size}, nullptr);
  const Content kind = sniff(bytes.span(), "input");
  if (!is_archive(kind)) return -1;  // keeps the corpus to archives
  Budget budget(fuzz::small_limits(), "input");
  try {
    read_members(bytes, kind, budget, 1);
  } catch (const Error& error) {
    static_cast<void>(error.what());  // a refusal is an answer
  }
  return 0;
}
