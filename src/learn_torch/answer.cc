#include "learn_torch/answer.h"

namespace thorax::learn {

at::Tensor answer(const nets::Network& network, at::Tensor inputs, const std::string& precision) {
  const std::vector<std::int64_t>& wanted = network.functions.front().inputs.front().shape;
  if (inputs.dim() == 4 && inputs.size(1) == 1 && wanted.size() == 4)  // grey for a colour network
    inputs = inputs.expand({-1, wanted[1], -1, -1});
  if (precision == "bf16") inputs = inputs.to(at::kBFloat16);
  if (inputs.dim() == 4) inputs = inputs.contiguous(at::MemoryFormat::ChannelsLast);
  return network.functions.front().call({inputs}).front().to(at::kFloat);
}

}  // namespace thorax::learn
