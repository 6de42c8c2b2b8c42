#include "nets/processor.h"

#include "nets/pch.h"

namespace thorax::nets {

const dnnl::engine& processor() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

void execute(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments,
             std::size_t scratch_bytes) {
  thread_local at::Tensor room;
  if (scratch_bytes > 0) {
    const auto bytes = static_cast<std::int64_t>(scratch_bytes);
    if (!room.defined() || room.numel() < bytes) room = at::empty({bytes}, at::kByte);
    arguments.emplace(
        DNNL_ARG_SCRATCHPAD,
        dnnl::memory({{bytes}, dnnl::memory::data_type::u8, dnnl::memory::format_tag::a},
                     processor(), room.data_ptr()));
  }
  dnnl::stream stream(processor());
  primitive.execute(stream, arguments);
  stream.wait();
}

}  // namespace thorax::nets
