// What a trained model knows of its training pictures, and how well that tells others from them.
#pragma once

#include "base/progress.h"
#include "intake/limits.h"
#include "learn/options.h"
#include "learn/picture_set.h"
#include "learn/split.h"

namespace thorax::pipeline {

/// Fits the cloud of the training pictures' features, takes the limit that the share
/// training.data.false_alarms of the validation pictures passes, and puts both into the model's
/// folder, with the shares of the test pictures and of the pictures of training.data.others that
/// pass it, and the AUROC of each of these against the test pictures. Returns that as Markdown.
/// Nothing for a network without features of its own. Throws what a runner and
/// unlabelled_pictures throw.
std::string add_novelty(const std::filesystem::path& model, const learn::PictureSet& set,
                        const std::vector<learn::Split>& splits, const learn::Options& training,
                        const intake::Limits& limits, const Progress& progress);

}  // namespace thorax::pipeline
