"""Evaluates a bundle on a gold file, in f32 and with the bundle's own decisions: `eval.json` of the model card."""

import argparse
import hashlib
import json
import random
from pathlib import Path
from typing import Any

from torch import Tensor

from .bundle import calibrated, decided, load_bundle
from .data import Excerpt, load_tokenizer, read_gold
from .evaluate import gold_columns, predict
from .labels import ANONYMITY, ATTRIBUTION, AXES, LABEL, STANCE, derive
from .metrics import class_report
from .windows import WindowConfig

Row = tuple[str, str, str | None]


def rounded(value: Any) -> Any:
    """The same structure with floats cut to five decimals."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return round(value, 5) if isinstance(value, float) else value


def figures(gold: list[Row], guess: list[Row]) -> dict[str, Any]:
    """A report per axis; anonymity over the sentences that both sides call anonymous."""
    both = [(g[2], p[2]) for g, p in zip(gold, guess, strict=True) if g[1] == p[1] == "anonymous"]
    return {
        "sentences": len(gold),
        "axes": {
            "label": class_report([derive(*g[:2]) for g in gold], [derive(*p[:2]) for p in guess], LABEL),
            "stance": class_report([g[0] for g in gold], [p[0] for p in guess], STANCE),
            "attribution": class_report([g[1] for g in gold], [p[1] for p in guess], ATTRIBUTION),
            "anonymity": class_report([str(g) for g, _ in both], [str(p) for _, p in both], ANONYMITY),
        },
    }


def label_figures(gold: list[Row], guess: list[Row]) -> dict[str, Any]:
    """Label F1 of a part too small for a whole report: a class that its gold lacks is null and left out of the mean."""
    report = class_report([derive(*g[:2]) for g in gold], [derive(*p[:2]) for p in guess], LABEL)
    classes = {
        name: {"f1": entry["f1"] if entry["support"] else None, "support": entry["support"]}
        for name, entry in report["classes"].items()
    }
    known = [entry["f1"] for entry in classes.values() if entry["f1"] is not None]
    return {"sentences": len(gold), "macro_f1": sum(known) / len(known) if known else None, "classes": classes}


def label_intervals(documents: list[list[tuple[str, str]]], resamples: int = 1000) -> dict[str, list[float]]:
    """95 % percentile intervals of label F1 (Efron 1979), from (gold, guess) per excerpt: sentences of one excerpt
    are not independent, so whole excerpts are drawn."""
    size = len(LABEL)
    counts = []
    for pairs in documents:
        own = [0] * (size * size)
        for g, p in pairs:
            own[LABEL.index(g) * size + LABEL.index(p)] += 1
        counts.append(own)
    rng = random.Random(0)
    drawn: dict[str, list[float]] = {name: [] for name in (*LABEL, "macro_f1")}
    for _ in range(resamples):
        total = [sum(cell) for cell in zip(*rng.choices(counts, k=len(counts)), strict=True)]
        scores = []
        for index in range(size):
            either = sum(total[index * size : (index + 1) * size]) + sum(total[index::size])
            scores.append(2 * total[index * size + index] / either if either else 0.0)
        for name, score in zip(drawn, [*scores, sum(scores) / size], strict=True):
            drawn[name].append(score)
    outside = round(0.025 * resamples)
    ranked = {name: sorted(values) for name, values in drawn.items()}
    return {name: [values[outside], values[-outside - 1]] for name, values in ranked.items()}


def label_confidence(stance: Tensor, attribution: Tensor, label: str) -> float:
    """Probability of a label under independent axes, from one sentence's log-probabilities: the column `confidence`."""
    p, anonymous = stance.exp(), attribution.exp()[ATTRIBUTION.index("anonymous")].item()
    none, deny = p[STANCE.index("none")].item(), p[STANCE.index("deny")].item()
    return {
        "none": none,
        "anonymous": (1 - none) * anonymous,
        "denial": deny * (1 - anonymous),
        "assertion": (1 - none - deny) * (1 - anonymous),
    }[label]


def calibration_error(confidence: list[float], right: list[bool], bins: int = 15) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015)."""
    total = 0.0
    for number in range(bins):
        inside = [i for i, c in enumerate(confidence) if min(int(c * bins), bins - 1) == number]
        if inside:
            gap = sum(right[i] for i in inside) - sum(confidence[i] for i in inside)
            total += abs(gap)
    return total / max(len(confidence), 1)


def calibration_errors(log_probabilities: dict[str, Tensor], gold: list[Row], guess: list[Row]) -> dict[str, float]:
    """For stance and attribution, of the likeliest value; for the label, of the one reported."""
    errors = {}
    for axis, column in (("stance", 0), ("attribution", 1)):
        best, index = log_probabilities[axis].max(1)
        right = [AXES[axis][i] == g[column] for i, g in zip(index.tolist(), gold, strict=True)]
        errors[axis] = calibration_error(best.exp().tolist(), right)
    rows = zip(log_probabilities["stance"], log_probabilities["attribution"], guess, strict=True)
    confidence = [label_confidence(stance, attribution, derive(*p[:2])) for stance, attribution, p in rows]
    right = [derive(*g[:2]) == derive(*p[:2]) for g, p in zip(gold, guess, strict=True)]
    return {**errors, "label": calibration_error(confidence, right)}


def counted(path: Path) -> dict[str, Any]:
    """How much text a training file holds."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {"file": path.name, "excerpts": len(records), "sentences": sum(len(r["sentences"]) for r in records)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--train", type=Path, nargs="*", default=[], help="training files, counted for the model card")
    parser.add_argument("--out", type=Path, help="where to write eval.json; printed otherwise")
    arguments = parser.parse_args()

    model, config = load_bundle(arguments.bundle)
    excerpts: list[Excerpt] = read_gold(arguments.gold, load_tokenizer(arguments.bundle))
    log_probabilities = calibrated(config, predict(model, excerpts, WindowConfig(**config["window"]), exact=True))
    decisions = decided(config, log_probabilities)
    guess: list[Row] = list(zip(decisions["stance"], decisions["attribution"], decisions["anonymity"], strict=True))
    targets = [target for excerpt in excerpts for target in excerpt.targets]
    stance, attribution = gold_columns(excerpts)
    kinds = [ANONYMITY[target[2]] if target[2] >= 0 else None for target in targets]
    gold: list[Row] = list(zip(stance, attribution, kinds, strict=True))
    selection = [excerpt.selection for excerpt in excerpts for _ in excerpt.targets]
    source = [excerpt.source for excerpt in excerpts for _ in excerpt.targets]
    unsure = [flag for excerpt in excerpts for flag in excerpt.unsure]

    def part(chosen: list[bool]) -> tuple[list[Row], list[Row]]:
        return [row for row, c in zip(gold, chosen, strict=True) if c], [
            row for row, c in zip(guess, chosen, strict=True) if c
        ]

    def intervals(selected: set[str]) -> dict[str, list[float]]:
        pairs = iter([(derive(*g[:2]), derive(*p[:2])) for g, p in zip(gold, guess, strict=True)])
        documents = [[next(pairs) for _ in excerpt.targets] for excerpt in excerpts]
        chosen = [pairs for pairs, e in zip(documents, excerpts, strict=True) if e.selection in selected]
        return label_intervals(chosen)

    doubtful, _ = part(unsure)
    report = {
        "model": f"{config['name']}-{config['version']}",
        "weights_sha256": hashlib.sha256((arguments.bundle / "model.safetensors").read_bytes()).hexdigest(),
        "training": [counted(path) for path in arguments.train],
        "all": {**figures(gold, guess), "label_f1_intervals": intervals(set(selection))},
        "natural": {
            **figures(*part([name == "natural" for name in selection])),
            "label_f1_intervals": intervals({"natural"}),
        },
        "certain": label_figures(*part([not flag for flag in unsure])),
        "doubtful": {"sentences": len(doubtful), "denials": sum(row[0] == "deny" for row in doubtful)},
        "by_source": {name: label_figures(*part([s == name for s in source])) for name in sorted(set(source))},
        "expected_calibration_error": calibration_errors(log_probabilities, gold, guess),
    }
    text = json.dumps(rounded(report), indent=1) + "\n"
    if arguments.out:
        arguments.out.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
