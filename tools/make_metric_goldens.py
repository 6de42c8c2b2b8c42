#!/usr/bin/python3
"""tools/make_metric_goldens.py: writes tests/golden/metrics/sklearn/golden.json, the numbers that
scikit-learn and SciPy give for made-up answers (Debian: python3-sklearn)."""

import json
import pathlib

import numpy
from scipy.optimize import minimize_scalar
from sklearn import metrics
from sklearn.calibration import calibration_curve

TARGET = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/metrics/sklearn/golden.json"
BINS = 15


def calibration_error(truth, stated, weights=None):
    bins = numpy.clip(numpy.ceil(stated * BINS).astype(int) - 1, 0, BINS - 1)
    weights = numpy.ones(len(stated)) if weights is None else weights
    total = 0
    for b in range(BINS):
        inside = bins == b
        if weights[inside].sum() > 0:
            gap = numpy.average(stated[inside], weights=weights[inside]) - numpy.average(
                truth[inside], weights=weights[inside])
            total += abs(gap) * weights[inside].sum()
    return total / weights.sum()


def of_class(truth, scores, called):
    tn, fp, _, _ = metrics.confusion_matrix(truth, called).ravel()
    return {
        "precision": metrics.precision_score(truth, called),
        "sensitivity": metrics.recall_score(truth, called),
        "specificity": tn / (tn + fp),
        "f1": metrics.f1_score(truth, called),
        "auroc": metrics.roc_auc_score(truth, scores),
        "auprc": metrics.average_precision_score(truth, scores),
        "brier": metrics.brier_score_loss(truth, scores),
        "calibration_error": calibration_error(truth, scores),
    }


def averages(truth, probabilities, called):
    rows = [of_class(truth[:, k], probabilities[:, k], called[:, k]) for k in range(truth.shape[1])]
    macro = {
        "precision": metrics.precision_score(truth, called, average="macro"),
        "sensitivity": metrics.recall_score(truth, called, average="macro"),
        "f1": metrics.f1_score(truth, called, average="macro"),
        "auroc": metrics.roc_auc_score(truth, probabilities, average="macro"),
        "auprc": metrics.average_precision_score(truth, probabilities, average="macro"),
    }
    return {"classes": rows, "macro": macro,
            "micro": of_class(truth.ravel(), probabilities.ravel(), called.ravel()),
            "accuracy": metrics.accuracy_score(truth, called)}


def exclusive(random, cases, classes):
    logits = numpy.round(random.normal(size=(cases, classes)), 2)
    kinds = random.randint(classes, size=cases)
    logits[numpy.arange(cases), kinds] += 1
    logits = numpy.round(logits * 2.5, 2)
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    truth = numpy.eye(classes, dtype=int)[kinds]
    best = probabilities.argmax(axis=1)
    called = numpy.eye(classes, dtype=int)[best]
    fit = minimize_scalar(
        lambda t: metrics.log_loss(kinds, numpy.exp(log_softmax(logits / t)), labels=range(classes)),
        bounds=(0.05, 20), method="bounded", options={"xatol": 1e-10})
    half = cases // 2
    return {
        "logits": logits.tolist(), "truth": kinds.tolist(),
        "confusion": metrics.confusion_matrix(kinds, best).tolist(),
        "brier": float(((probabilities - truth) ** 2).sum(axis=1).mean()),
        "calibration_error": calibration_error(
            (best == kinds).astype(float), probabilities.max(axis=1)),
        "log_loss": metrics.log_loss(kinds, probabilities), "temperature": fit.x,
        "temperature_log_loss": fit.fun,
        "conformal": conformal(probabilities[:half], kinds[:half], classes),
        **averages(truth, probabilities, called)}


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=1, keepdims=True))


def conformal(probabilities, kinds, classes):
    """Limits of the first half of the cases; numpy's "higher" at the split-conformal level."""
    out = {}
    for miss_rate in (0.05, 0.1, 0.25):
        limits = []
        for k in range(classes):
            scores = 1 - probabilities[kinds == k, k]
            level = numpy.ceil((len(scores) + 1) * (1 - miss_rate)) / len(scores)
            limits.append(numpy.quantile(scores, level, method="inverted_cdf") if level <= 1 else None)
        out[str(miss_rate)] = limits
    return out


def findings(random, cases, classes):
    truth = (random.uniform(size=(cases, classes)) < 0.3).astype(int)
    probabilities = numpy.round(random.uniform(size=(cases, classes)) * 0.7 + 0.3 * truth, 3)
    thresholds = [0.5, 0.4, 0.61]
    called = (probabilities > thresholds).astype(int)
    return {"probabilities": probabilities.tolist(), "truth": truth.tolist(),
            "thresholds": thresholds, **averages(truth, probabilities, called)}


def ranked(random, cases):
    """Scores with many ties, weighted."""
    truth = random.randint(2, size=cases)
    scores = numpy.round(numpy.clip(random.normal(0.4, 0.2, cases) + 0.2 * truth, 0, 1), 1)
    weights = random.randint(0, 4, size=cases).astype(float)
    false_rate, true_rate, cuts = metrics.roc_curve(truth, scores, drop_intermediate=False)
    stated, observed = calibration_curve(truth, scores, n_bins=5)[::-1]
    precision, recall, levels = metrics.precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / (precision + recall)
    return {
        "scores": scores.tolist(), "truth": truth.tolist(), "weights": weights.tolist(),
        "auroc": metrics.roc_auc_score(truth, scores),
        "auprc": metrics.average_precision_score(truth, scores),
        "weighted_auroc": metrics.roc_auc_score(truth, scores, sample_weight=weights),
        "weighted_auprc": metrics.average_precision_score(truth, scores, sample_weight=weights),
        "roc": [list(point) for point in zip(cuts[1:], true_rate[1:], false_rate[1:])],
        "reliability": {"stated": stated.tolist(), "observed": observed.tolist()},
        "youden": cuts[(true_rate - false_rate).argmax()],
        "sensitivity>=0.9": cuts[true_rate >= 0.9].max(),
        "f1": levels[f1[:-1].argmax()]}


def main():
    random = numpy.random.RandomState(42)
    document = {"exclusive": exclusive(random, 90, 3), "two": exclusive(random, 70, 2),
                "findings": findings(random, 80, 3), "ranked": ranked(random, 120)}
    TARGET.write_text(json.dumps(document, separators=(",", ":"), default=float) + "\n")


if __name__ == "__main__":
    main()
