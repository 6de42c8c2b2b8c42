// What training makes small. Each sums over the rows of a batch what a row contributes; the loss is
// that divided by the number of rows. Logits [B, classes].
#pragma once

#include "learn/options.h"
#include "nets/pch.h"

namespace thorax::learn {

/// Of labels [B], int64: cross entropy with smoothed labels, or with loss = focal
/// (1 - p)^gamma times the cross entropy of the true class's probability p (Lin et al., "Focal loss
/// for dense object detection", ICCV 2017). The factor counts as a constant in the gradient, as
/// the first of the earlier systems has it. alpha weighs class 0, 1 - alpha the others.
at::Tensor class_loss(const at::Tensor& logits, const at::Tensor& labels,
                      const TrainingOptions& options);

/// Of targets [B, classes]: the mean over classes of the binary cross entropy, positives counting
/// `positive_weight` times (one a class; undefined: 1).
at::Tensor question_loss(const at::Tensor& logits, const at::Tensor& targets,
                         const at::Tensor& positive_weight);

/// Of the teachers' probabilities [B, classes]: softness^2 times the Kullback-Leibler divergence
/// from softmax(logits / softness) to them (Hinton, Vinyals, Dean, "Distilling the knowledge in a
/// neural network", 2015).
at::Tensor teaching_loss(const at::Tensor& logits, const at::Tensor& taught, double softness);

/// Of logits [B, C, D, H, W] and classes [B, D, H, W], int64: the mean over all classes of
/// 1 - (2 I + 1e-5) / (P + G + 1e-5) (soft Dice of softmax probabilities P and truth G with their
/// overlap I; Milletari et al., V-Net, 3DV 2016, without squares, as MONAI's DiceCELoss), and the
/// mean over voxels of the cross entropy.
at::Tensor dice_loss(const at::Tensor& logits, const at::Tensor& classes);

/// Of scores [B, slices], which should rise, and the distance [B] between a row's slices in mm: the
/// mean over neighbours of (sigmoid(0.01 distance) - sigmoid(rise))^2 (Schuhegger, "Body Part
/// Regression for CT Images", 2021, arXiv 2110.09148, with the published model's constants).
at::Tensor order_loss(const at::Tensor& scores, const at::Tensor& gaps);

/// Of scores [B, slices >= 3]: the mean smooth L1 distance between one rise and the next, so that
/// equal distances are equal rises (ibid.).
at::Tensor even_loss(const at::Tensor& scores);

/// Of logits [B, T, vocabulary] and tokens [B, T]: the cross entropy of every token but -100,
/// summed; not a mean over rows, which have different lengths.
at::Tensor token_loss(const at::Tensor& logits, const at::Tensor& tokens);

}  // namespace thorax::learn
