"""Writes a bundle's model card and the figures in the project's README, from its `*.json` files alone.

`--check` writes nothing and fails where a page, or the evaluation of the weights themselves, is out of date. Needs no
package beyond Python's own.
"""

import argparse
import hashlib
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from pages import table, with_block

from .pictures import NAME, digest

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "<!-- figures: written by scripts/sayso_train/card.py -->\n"
END = "<!-- end of figures -->\n"

Report = dict[str, Any]


def decimals(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def whole(value: int) -> str:
    return f"{value:,}"


def percent(part: Report) -> str:
    return f"{part['axes']['label']['accuracy']:.0%}".replace("%", " %")


def share(value: float) -> str:
    return f"{100 * value:.2f} %"


def bounded(value: float, bounds: list[float]) -> str:
    return f"{value:.3f} ({bounds[0]:.2f}–{bounds[1]:.2f})"


def headline(report: Report) -> str:
    """Label F1 per class, on all of dev and on the excerpts drawn at random."""
    parts = [
        (report[name], report[name]["axes"]["label"], report[name]["label_f1_intervals"]) for name in ("all", "natural")
    ]
    rows = [
        [f"`{name}`"]
        + [
            cell
            for _, label, bounds in parts
            for cell in (
                bounded(label["classes"][name]["f1"], bounds[name]),
                whole(label["classes"][name]["support"]),
            )
        ]
        for name in report["all"]["axes"]["label"]["classes"]
    ]
    last = ["macro average"]
    for part, label, bounds in parts:
        last += [bounded(label["macro_f1"], bounds["macro_f1"]), whole(part["sentences"])]
    return table(["label", "F1, all", "sentences", "F1, natural", "sentences"], [*rows, last])


def filled(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False) + "\n"


def readme_block(report: Report) -> str:
    everything, natural = report["all"], report["natural"]
    denials = natural["axes"]["label"]["classes"]["denial"]["support"]
    denying = everything["axes"]["stance"]["classes"]["deny"]["support"]
    certain = report["certain"]["classes"]["denial"]["f1"]
    before = (
        f"Model {report['model']} on {whole(everything['sentences'])} labelled sentences of real news, from articles "
        f"that it was not trained on. {whole(natural['sentences'])} are from excerpts drawn at random (natural); "
        "the others are enriched in denials and sources. In brackets, 95 % bootstrap intervals over excerpts."
    )
    after = (
        f"In all, {percent(everything)} of the labels are right, {percent(natural)} of the natural ones. Three limits: "
        f"the natural sentences hold {denials} denials, so that figures for them are loose; of all {denying} sentences "
        f"that deny, {report['doubtful']['denials']} are marked as doubtful, and without the doubtful ones the F1 of "
        f"`denial` is {decimals(certain)}; and all labels follow one annotation scheme, where other people would draw "
        "some lines elsewhere. More in the [model card](models/default/README.md)."
    )
    return f"{filled(before)}\n{headline(report)}\n{filled(after)}"


def axis_tables(part: Report) -> str:
    text = ""
    for axis, figures in part["axes"].items():
        rows = [
            [
                f"`{name}`",
                *(decimals(entry[column]) for column in ("precision", "recall", "f1")),
                whole(entry["support"]),
            ]
            for name, entry in figures["classes"].items()
        ]
        rows.append(["macro average", "", "", decimals(figures["macro_f1"]), whole(figures["support"])])
        text += table([axis, "precision", "recall", "F1", "sentences"], rows) + "\n"
    return text


def confusion(part: Report, axis: str) -> str:
    figures = part["axes"][axis]
    names = list(figures["classes"])
    rows = [[f"`{name}`", *map(whole, counts)] for name, counts in zip(names, figures["confusion"], strict=True)]
    return table(["gold \\ predicted", *(f"`{name}`" for name in names)], rows)


def short_headline(part: Report) -> str:
    """Label F1 per class of one part, with intervals."""
    label, bounds = part["axes"]["label"], part["label_f1_intervals"]
    rows = [
        [f"`{name}`", bounded(entry["f1"], bounds[name]), whole(entry["support"])]
        for name, entry in label["classes"].items()
    ]
    rows.append(["macro average", bounded(label["macro_f1"], bounds["macro_f1"]), whole(part["sentences"])])
    for axis in ("stance", "attribution"):
        rows.append([f"{axis}, macro average", decimals(part["axes"][axis]["macro_f1"]), whole(part["sentences"])])
    return table(["label", "F1", "sentences"], rows)


def spans(report: Report) -> str:
    found = report["spans"]
    rows = [
        [
            kind,
            whole(part["spans"]),
            *(decimals(part[name]) for name in ("precision", "recall", "exact_f1", "overlap_f1")),
            decimals(found["ceiling"][kind]["exact_f1"]),
        ]
        for kind, part in found["agreement"].items()
    ]
    return table(["span", "marked", "precision", "recall", "exact F1", "overlap F1", "exact F1 at best"], rows)


def robustness(report: Report) -> str:
    cases = report["robustness"]
    counted = ("sentences", "right", "groups", "groups_right")
    total = {name: sum(part[name] for part in cases.values()) for name in counted}
    rows = [
        [
            case.replace("_", " "),
            whole(part["sentences"]),
            f"{part['right'] / part['sentences']:.0%}".replace("%", " %"),
            whole(part["groups"]),
            f"{part['groups_right'] / part['groups']:.0%}".replace("%", " %"),
        ]
        for case, part in [*cases.items(), ("all", total)]
    ]
    return table(["case", "sentences", "labels right", "groups", "groups all right"], rows)


def coverage(report: Report) -> str:
    rows = [
        [f"{row['least']:g}", share(row["share"]), "–" if row["right"] is None else share(row["right"])]
        for row in report["coverage"]
    ]
    return table(["least confidence", "share of sentences", "labels right"], rows)


def by_source(report: Report) -> str:
    rows = []
    for name, part in report["by_source"].items():
        row = [name, whole(part["sentences"]), decimals(part["macro_f1"])]
        for label in ("denial", "anonymous"):
            entry = part["classes"][label]
            row.append(f"{decimals(entry['f1'])} ({entry['support']})")
        rows.append(row)
    return table(["source", "sentences", "label macro F1", "`denial` F1 (of)", "`anonymous` F1 (of)"], rows)


def decisions(config: Report) -> str:
    rows = []
    for axis in ("stance", "attribution", "anonymity"):
        for name, bias, decision in zip(
            config[axis]["labels"], config[axis]["bias"], config[axis]["decision_bias"], strict=True
        ):
            rows.append([f"{axis} `{name}`", f"{config[axis]['temperature']:.3f}", f"{bias:+.3f}", f"{decision:+.3f}"])
    return table(["value", "temperature", "bias", "decision bias"], rows)


def training(report: Report) -> str:
    kinds = {
        "train.jsonl": "real news",
        "corrected.jsonl": "real news",
        "contrast.jsonl": "invented news, written to set denials beside near misses",
        "read.jsonl": "real news, each sentence read by itself after the three before it",
        "lessons.jsonl": "invented near misses, written for this model",
    }
    lines = [
        f"- {whole(part['sentences'])} sentences in {whole(part['excerpts'])} excerpts of "
        f"{kinds.get(part['file'], part['file'])}\n"
        for part in report["training"]
    ]
    return "".join(lines)


def precisions(comparison: Report) -> str:
    """Label F1 of both precisions."""
    rows = [
        [engine, *(decimals(figures[name]) for name in figures)] for engine, figures in comparison["label_f1"].items()
    ]
    names = [name if name == "macro" else f"`{name}`" for name in comparison["label_f1"]["int8"]]
    return table(["engine", *names], rows)


WORTH = ("MB", "macro F1", "`denial`", "`anonymous`", "sentences/s")


def worth(part: Report) -> list[str]:
    """What a row of `models/sizes.json` says of a model's cost and use, in the order of `WORTH`."""
    return [
        f"{part['bytes'] / 1e6:.1f}",
        *(decimals(part["label_f1"][name]) for name in ("macro", "denial", "anonymous")),
        whole(part["sentences_per_second"]),
    ]


def sizes(measured: Report) -> str:
    """The section on models of other sizes."""
    parts = measured["bundles"]
    if "teacher" in measured:
        parts = [measured["teacher"] | {"name": "the teacher"}, *parts]
    rows = [
        [
            part["name"],
            str(part["layers"]),
            whole(part["wordpieces"]),
            *worth(part),
        ]
        for part in parts
    ]
    names = ["model", "layers", "wordpieces", *WORTH]
    return (
        "### Other sizes\n\n"
        + filled(
            "Models made from this one by `scripts/sizes.sh`. Those named after their layers were trained further to "
            "answer as the larger encoder does, the teacher of this one too: that of twelve layers for two epochs on "
            "all that this one learnt from, those with fewer for one, on labelled excerpts and lessons. `trimmed` is "
            "this model with fewer wordpieces, without further training, and the teacher of `fast`, which had two "
            "epochs and learnt tags as well. Label F1 on dev in 8 bits; sentences a second of the whole program, by "
            f"turns, on {measured['threads']} threads of one machine (`models/sizes.json`)."
            + (
                " The teacher is 768 wide and was measured in PyTorch, not calibrated, its weights counted in f16."
                if "teacher" in measured
                else ""
            )
        )
        + f"\n{table(names, rows)}\n"
    )


def fast_card(measured: Report, config: Report, weights: str, default_weights: str) -> str:
    """The card of the smaller model, whose figures are those of the comparison."""
    parts = {part["weights_sha256"]: part for part in measured["bundles"]}
    if weights not in parts:
        sys.exit("models/sizes.json speaks of another fast model: run sizes.sh")
    own = parts[weights]
    rows = [
        [
            part["name"],
            *worth(part),
        ]
        for part in (own, parts[default_weights])
    ]
    return (
        (Path(__file__).parent / "fast.md")
        .read_text()
        .format(
            name=config["name"],
            version=config["version"],
            layers=own["layers"],
            wordpieces=whole(own["wordpieces"]),
            megabytes=f"{own['bytes'] / 1e6:.1f}",
            threads=measured["threads"],
            figures=table(["model", *WORTH], rows),
        )
    )


def card(report: Report, config: Report, comparison: Report, measured: Report | None) -> str:
    encoder, window = config["encoder"], config["window"]
    everything, doubtful = report["all"], report["doubtful"]
    error = report["expected_calibration_error"]
    denying = everything["axes"]["stance"]["classes"]["deny"]["support"]
    template = (Path(__file__).parent / "card.md").read_text()
    return template.format(
        model=report["model"],
        layers=encoder["num_hidden_layers"],
        hidden_size=encoder["hidden_size"],
        attention_heads=encoder["num_attention_heads"],
        vocabulary=whole(encoder["vocab_size"]),
        max_window=window["max_window"],
        pooling=config["pooling"],
        training=training(report),
        sentences=whole(everything["sentences"]),
        natural_sentences=whole(report["natural"]["sentences"]),
        headline=headline(report),
        doubtful_sentences=whole(doubtful["sentences"]),
        doubtful_denials=doubtful["denials"],
        denying=denying,
        certain_macro=decimals(report["certain"]["macro_f1"]),
        certain_denial=decimals(report["certain"]["classes"]["denial"]["f1"]),
        confusion=confusion(everything, "label"),
        axes=axis_tables(everything),
        natural_axes=axis_tables(report["natural"]),
        by_source=by_source(report),
        stance_error=decimals(error["stance"]),
        attribution_error=decimals(error["attribution"]),
        label_error=decimals(error["label"]),
        decisions=decisions(config),
        held_back=short_headline(report["half_held_back"]),
        to_choose=short_headline(report["half_to_choose"]),
        spans=spans(report),
        span_articles=report["spans"]["articles"],
        robustness=robustness(report),
        suite_sentences=whole(sum(part["sentences"] for part in report["robustness"].values())),
        contrast=short_headline(report["contrast_held_out"]),
        coverage=coverage(report),
        picture=NAME,
        precisions=precisions(comparison),
        label_agreement=share(comparison["agreement"]["label"]),
        stance_agreement=share(comparison["agreement"]["stance"]),
        attribution_agreement=share(comparison["agreement"]["attribution"]),
        max_sentence=window["max_sentence"],
        sizes=sizes(measured) if measured else "",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=ROOT / "models/default")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--check", action="store_true", help="fail where something is out of date")
    arguments = parser.parse_args()

    report = json.loads((arguments.bundle / "eval.json").read_text())
    config = json.loads((arguments.bundle / "config.json").read_text())
    comparison = json.loads((arguments.bundle / "int8.json").read_text())
    of_sizes = ROOT / "models/sizes.json"
    measured = json.loads(of_sizes.read_text()) if of_sizes.exists() else None
    weights = {
        engine: hashlib.sha256((arguments.bundle / name).read_bytes()).hexdigest()
        for engine, name in (("f32", "model.safetensors"), ("int8", "model.int8.safetensors"))
    }
    if (report["model"], report["weights_sha256"]) != (f"{config['name']}-{config['version']}", weights["f32"]):
        sys.exit(f"{arguments.bundle / 'eval.json'} speaks of another model: run sayso_train.report")
    if (comparison["weights_sha256"], comparison["sentences"]) != (weights, report["all"]["sentences"]):
        sys.exit(f"{arguments.bundle / 'int8.json'} speaks of other weights or text: run sayso_train.compare")
    if measured and weights["int8"] not in [part["weights_sha256"] for part in measured["bundles"]]:
        sys.exit(f"{of_sizes} speaks of other weights: run sizes.sh")
    picture = arguments.bundle / NAME
    if not picture.exists() or digest(report) not in picture.read_text():
        sys.exit(f"{picture} shows other figures: run sayso_train.pictures")
    pages = {
        arguments.bundle / "README.md": card(report, config, comparison, measured),
        arguments.readme: with_block(arguments.readme.read_text(), BEGIN, END, readme_block(report)),
    }
    fast = ROOT / "models/fast"
    if measured and fast.exists():
        own = hashlib.sha256((fast / "model.int8.safetensors").read_bytes()).hexdigest()
        fast_config = json.loads((fast / "config.json").read_text())
        pages[fast / "README.md"] = fast_card(measured, fast_config, own, weights["int8"])
    for path, text in pages.items():
        if not arguments.check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path} is out of date: run sayso_train.card")


if __name__ == "__main__":
    main()
