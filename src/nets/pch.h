// What every network is made of; compiled once for all files that include libtorch. Only what most
// of them use: each further header is paid for by every file. Operators come from ATen, weights are
// held by the few modules of nets/layers.h.
#pragma once

#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>
