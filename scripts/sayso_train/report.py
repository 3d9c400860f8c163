"""Evaluates a bundle on a gold file, in f32 and with the bundle's own decisions: `eval.json` of the model card."""

import argparse
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from .bundle import calibrated, decided, load_bundle
from .data import FOLDS, Excerpt, load_tokenizer, read_gold
from .evaluate import gold_columns, predict
from .labels import ANONYMITY, ATTRIBUTION, LABEL, STANCE, derive
from .metrics import class_report
from .model import Classifier
from .reliability import Judged, label_confidence
from .spans import agreement, ceiling, found_spans, read_articles
from .suite import by_case, read_suite
from .windows import WindowConfig

ROOT = Path(__file__).resolve().parents[2]

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


def counted(path: Path) -> dict[str, Any]:
    """How much text a training file holds."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {"file": path.name, "excerpts": len(records), "sentences": sum(len(r["sentences"]) for r in records)}


@dataclass
class Answered:
    """Excerpts with their gold rows, the model's, and its probabilities."""

    excerpts: list[Excerpt]
    gold: list[Row]
    guess: list[Row]
    log_probabilities: dict[str, Tensor]

    def per_sentence(self, value: Callable[[Excerpt], str]) -> list[str]:
        """A property of the excerpt, once for each of its sentences."""
        return [value(excerpt) for excerpt in self.excerpts for _ in excerpt.targets]

    def part(self, chosen: list[bool]) -> tuple[list[Row], list[Row]]:
        """The rows of some sentences."""
        rows = [(g, p) for g, p, c in zip(self.gold, self.guess, chosen, strict=True) if c]
        return [g for g, _ in rows], [p for _, p in rows]

    def labels_right(self) -> list[bool]:
        return [derive(*g[:2]) == derive(*p[:2]) for g, p in zip(self.gold, self.guess, strict=True)]

    def whole(self, chosen: Callable[[Excerpt], bool]) -> dict[str, Any]:
        """The full figures of some excerpts, with intervals."""
        pairs = iter([(derive(*g[:2]), derive(*p[:2])) for g, p in zip(self.gold, self.guess, strict=True)])
        documents = [[next(pairs) for _ in excerpt.targets] for excerpt in self.excerpts]
        intervals = label_intervals([d for d, e in zip(documents, self.excerpts, strict=True) if chosen(e)])
        marks = [chosen(excerpt) for excerpt in self.excerpts for _ in excerpt.targets]
        return {**figures(*self.part(marks)), "label_f1_intervals": intervals}

    def judged(self) -> dict[str, Judged]:
        """For stance and attribution, the likeliest value; for the label, the one reported."""
        own = self.log_probabilities
        columns = {"stance": [g[0] for g in self.gold], "attribution": [g[1] for g in self.gold]}
        found = {axis: Judged.likeliest(own[axis], axis, gold) for axis, gold in columns.items()}
        rows = zip(own["stance"], own["attribution"], self.guess, strict=True)
        confidence = [label_confidence(stance, attribution, derive(*p[:2])) for stance, attribution, p in rows]
        return {**found, "label": Judged(confidence, self.labels_right())}


def ask(model: Classifier, config: dict[str, Any], excerpts: list[Excerpt]) -> Answered:
    """The bundle's own decisions in f32."""
    logits = predict(model, excerpts, WindowConfig(**config["window"]), exact=True)
    log_probabilities = calibrated(config, logits)
    decisions = decided(config, log_probabilities)
    guess: list[Row] = list(zip(decisions["stance"], decisions["attribution"], decisions["anonymity"], strict=True))
    stance, attribution = gold_columns(excerpts)
    targets = [target for excerpt in excerpts for target in excerpt.targets]
    kinds = [ANONYMITY[target[2]] if target[2] >= 0 else None for target in targets]
    return Answered(excerpts, list(zip(stance, attribution, kinds, strict=True)), guess, log_probabilities)


def to_choose(excerpt: Excerpt) -> bool:
    """Whether an excerpt is in the half of dev by which models are chosen; the other half is only reported."""
    return excerpt.fold(2) == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--train", type=Path, nargs="*", default=[], help="training files, counted for the model card")
    parser.add_argument("--suite", type=Path, default=ROOT / "tests/robustness/suite.jsonl")
    parser.add_argument("--contrast", type=Path, help="invented excerpts, of which the held-out fold is scored")
    parser.add_argument("--fold", type=int, default=1, help="the fold that training held out")
    parser.add_argument("--dev-articles", type=Path, nargs=2, metavar=("FILE", "ROWS"), help="see spans.py")
    parser.add_argument("--out", type=Path, help="where to write eval.json; printed otherwise")
    arguments = parser.parse_args()

    model, config = load_bundle(arguments.bundle)
    tokenizer = load_tokenizer(arguments.bundle)
    dev = ask(model, config, read_gold(arguments.gold, tokenizer))
    sources = dev.per_sentence(lambda excerpt: excerpt.source)
    unsure = [flag for excerpt in dev.excerpts for flag in excerpt.unsure]
    doubtful, _ = dev.part(unsure)
    judged = dev.judged()
    report = {
        "model": f"{config['name']}-{config['version']}",
        "weights_sha256": hashlib.sha256((arguments.bundle / "model.safetensors").read_bytes()).hexdigest(),
        "training": [counted(path) for path in arguments.train],
        "all": dev.whole(lambda _: True),
        "natural": dev.whole(lambda excerpt: excerpt.selection == "natural"),
        "half_to_choose": dev.whole(to_choose),
        "half_held_back": dev.whole(lambda excerpt: not to_choose(excerpt)),
        "certain": label_figures(*dev.part([not flag for flag in unsure])),
        "doubtful": {"sentences": len(doubtful), "denials": sum(row[0] == "deny" for row in doubtful)},
        "by_source": {
            name: label_figures(*dev.part([source == name for source in sources])) for name in sorted(set(sources))
        },
        "expected_calibration_error": {axis: part.error() for axis, part in judged.items()},
        "reliability": {axis: part.bins() for axis, part in judged.items()},
        "coverage": judged["label"].coverage(),
    }
    excerpts, groups = read_suite(arguments.suite, tokenizer)
    report["robustness"] = by_case(groups, ask(model, config, excerpts).labels_right())
    if arguments.contrast:
        unseen = [e for e in read_gold(arguments.contrast, tokenizer) if e.fold(FOLDS) == arguments.fold]
        report["contrast_held_out"] = ask(model, config, unseen).whole(lambda _: True)
    if arguments.dev_articles and model.tags is not None:
        articles = read_articles(*arguments.dev_articles, tokenizer)
        found = found_spans(model, articles, WindowConfig(**config["window"]), exact=True)
        report["spans"] = {
            "articles": len(articles),
            "agreement": agreement(articles, found),
            "ceiling": ceiling(articles),
        }
    text = json.dumps(rounded(report), indent=1) + "\n"
    if arguments.out:
        arguments.out.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
