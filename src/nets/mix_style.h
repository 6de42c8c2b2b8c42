// Feature statistics exchanged between the inputs of a batch.
#pragma once

#include "nets/pch.h"

namespace thorax::nets {

/// Each input of x [B, C, axes...] keeps what it shows and gets, channel by channel, a mean and a
/// deviation between its own and those of another input of the batch, so that a network cannot
/// learn a class by contrast, sharpness and the like. How far between is drawn from the beta
/// distribution of (0.1, 0.1); no gradient flows through the statistics. Half of the batches stay
/// as they are. Reference: Zhou, Yang, Qiao, Xiang, "Domain generalization with MixStyle", ICLR
/// 2021.
at::Tensor mix_style(const at::Tensor& x, bool training);

}  // namespace thorax::nets
