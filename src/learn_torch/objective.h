// What training makes small for a batch, whatever kind it is, and how a network does on one.
#pragma once

#include "learn/answers.h"
#include "learn/batches.h"
#include "learn_torch/teachers.h"
#include "nets/network.h"

namespace thorax::learn {

/// The loss of so many of the batch's inputs, summed over them:
/// - batches with words: contrastive, over these inputs alone (nets::contrastive_loss);
/// - with views: the same of inputs and views, both by this network, over options.temperature
///   (Chen et al., "A simple framework for contrastive learning of visual representations", ICML
///   2020, where an input is told apart from the other views alone);
/// - with text: question_loss of the findings, and options.text times the mean cross entropy of the
///   batch's tokens and nets::coverage_loss, as the segmentation-and-report system has it;
/// - with gaps: order_loss of the network's score of each slice, and even_loss where it counts;
/// - with masks: dice_loss of the network's first output;
/// - with labels: class_loss, of mixed inputs that of both labels by their shares; with targets:
///   question_loss. Where there are teachers, their share of it is teaching_loss.
at::Tensor objective(const nets::Network& network, const Batch& batch, std::int64_t first,
                     std::int64_t count, const TrainingOptions& options,
                     const at::Tensor& positive_weight, const Teachers& teachers);

struct Score {
  double loss = 0;                  ///< summed over the inputs, labels not smoothed
  std::vector<float> logits;        ///< [inputs, classes]; not of outlines, pairs and slices
  std::vector<ClassCounts> counts;  ///< of outlines, pairs and slices
};
Score score(const nets::Network& network, const Batch& batch, const TrainingOptions& options,
            const at::Tensor& positive_weight);

}  // namespace thorax::learn
