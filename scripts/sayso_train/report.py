"""Evaluates a bundle on a gold file, in f32 and with the bundle's own decisions: `eval.json` of the model card."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

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


def calibration_error(confidence: list[float], right: list[bool], bins: int = 15) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015)."""
    total = 0.0
    for number in range(bins):
        inside = [i for i, c in enumerate(confidence) if min(int(c * bins), bins - 1) == number]
        if inside:
            gap = sum(right[i] for i in inside) - sum(confidence[i] for i in inside)
            total += abs(gap)
    return total / max(len(confidence), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
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

    calibration = {}
    for axis, column in (("stance", 0), ("attribution", 1)):
        best = [row.max().item() for row in log_probabilities[axis]]
        answers = [AXES[axis][int(row.argmax())] for row in log_probabilities[axis]]
        right = [answer == g[column] for answer, g in zip(answers, gold, strict=True)]
        calibration[axis] = calibration_error([math.exp(value) for value in best], right)
    natural = [index for index, name in enumerate(selection) if name == "natural"]
    report = {
        "model": f"{config['name']} {config['version']}",
        "all": figures(gold, guess),
        "natural": figures([gold[i] for i in natural], [guess[i] for i in natural]),
        "expected_calibration_error": calibration,
    }
    text = json.dumps(rounded(report), indent=1) + "\n"
    if arguments.out:
        arguments.out.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
