"""Chooses the sentences that readers should label next, and collects what they said in `readings.tsv`.

    python -m sayso_train.choose items --data DATA --rows WORK/unlabelled.jsonl WORK/polnear-train.jsonl \\
        --train-rows WORK/train-rows.jsonl --out WORK/reading
    python -m sayso_train.choose collect WORK/reading

Rows are `sayso label --format jsonl` of the corpus and of the training excerpts. Of the corpus it takes sentences on
which the model is torn, some that it takes for denials without doubt, and some with words of denial that it does not;
documents that share a sentence with dev or with the blind sets are left out. Of the training excerpts it takes the
denials and anonymous sources, in the label's opinion or the model's, on which the two differ. What `readings.tsv` has
already is left out, so that another draw goes on from the last, with a model that learnt from it. Controls, from
articles that the model has not seen, tell how far readers and labels agree.

Readers get files of sixty numbered items, `READER-CHUNK.txt`, with no answer in them: lines of context (`<`), the
sentence (`=`), and the one after it (`>`). For each they write a line like `17 d Ar ?` into a file of the same name in
`answers/`: the first letter of the stance, of the attribution (a capital, or `n` for none), of the kind of anonymity,
and `?` for doubt.
"""

import argparse
import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

from .data import Row, fold_of, read_lines, read_rows
from .labels import derive
from .readings import COLUMNS, CONTEXT, hash_of, read_readings

READERS = "ABCDEFGH"
CHUNK = 60
WANTED = {"torn about denial": 3000, "denial": 300, "torn about anonymity": 1300, "words of denial": 700}
DENIAL, ANONYMITY = 0.01, 0.02
"""From these probabilities on, a denial or an unnamed source may be meant."""
CONTROLS = 50
"""Of rare labels, and of all others."""
WORDS = re.compile(
    r"\b(den(y|ied|ies|ying|ial)|reject|refut|rebut|disput|contest|dismiss|false|fake|hoax|myth|lie[sd]?|lying|untrue"
    r"|baseless|nonsense|fabricat|debunk|disavow|unfounded|groundless|no truth|no evidence|no proof|nothing to do"
    r"|contrary to|wrongly|mislead|misinform|disinform|inaccura|incorrect|exaggerat|insist|never|did not|didn.t|was not"
    r"|wasn.t|is not|isn.t|not true|innocent|not guilty|no link|no sign|no plans?|neither)",
    re.IGNORECASE,
)
STANCES = {"a": "assert", "d": "deny", "c": "no_comment", "n": "none"}
ATTRIBUTIONS = {"n": "none", "N": "named", "A": "anonymous", "U": "unspecified"}
KINDS = {"e": "explicit", "r": "role", "g": "group", "d": "document"}
ANSWER = re.compile(r"(\d+) ([adcn]) (?:([nNU])|A([ergd]))( \?)?")


def texts(gold: Iterable[Row]) -> set[str]:
    """Sentences and context that are long enough not to stand in many texts."""
    own = [
        s["text"] if isinstance(s, dict) else s for row in gold for s in [*row["sentences"], *row.get("context", [])]
    ]
    return {text.strip() for text in own if len(text) > 50}


def item_of(kind: str, doc_id: str, sentence: int, around: list[str], place: int) -> Row:
    """A sentence of a document, which stands in `place` among the texts `around` it."""
    return {
        "kind": kind,
        "doc_id": doc_id,
        "sentence": sentence,
        "text": around[place],
        "before": around[max(0, place - CONTEXT) : place],
        "after": around[place + 1] if place + 1 < len(around) else None,
    }


def pool_of(row: Row) -> str | None:
    if DENIAL < row["p_deny"] < 0.98:
        return "torn about denial"
    if row["p_deny"] >= 0.98:
        return "denial"
    if ANONYMITY < row["p_anonymous"] < 0.95:
        return "torn about anonymity"
    return "words of denial" if WORDS.search(row["text"]) else None


def from_corpus(corpus: dict[str, list[Row]], held_back: set[str], known: set[str], rng: random.Random) -> list[Row]:
    """Items, the likelier the more the model is torn; none whose text has a hash that is `known`."""
    pools: dict[str, list[tuple[float, Row]]] = {name: [] for name in WANTED}
    seen = set(known)
    for rows in corpus.values():
        if any(row["text"].strip() in held_back for row in rows):
            continue
        around = [row["text"] for row in rows]
        for number, row in enumerate(rows):
            text, pool = row["text"], pool_of(row)
            if pool is None or hash_of(text) in seen or not 25 < len(text) < 600:
                continue
            seen.add(hash_of(text))
            column = {"torn about denial": "p_deny", "torn about anonymity": "p_anonymous"}.get(pool)
            weight = 0.05 + min(row[column], 1 - row[column]) if column else 1.0
            item = item_of("corpus", row["doc_id"], number, around, number)
            # Weighted sampling without replacement (Efraimidis and Spirakis 2006).
            pools[pool].append((rng.random() ** (1 / weight), item))
    return [item for name, pool in pools.items() for _, item in sorted(pool, key=lambda pair: -pair[0])[: WANTED[name]]]


def from_train(
    train: list[Row], guesses: dict[str, list[Row]], fold: int, known: set[str], rng: random.Random
) -> list[Row]:
    """Items whose label the model contradicts, and controls from the fold that it has not seen."""
    found: list[Row] = []
    controls: dict[bool, list[Row]] = {True: [], False: []}
    for excerpt in train:
        context = excerpt.get("context") or []
        around = context + [sentence["text"] for sentence in excerpt["sentences"]]
        held_out = fold_of(excerpt["doc_id"]) == fold
        for number, sentence in enumerate(excerpt["sentences"]):
            item = item_of("train", excerpt["doc_id"], number, around, len(context) + number)
            label = derive(sentence["stance"], sentence["attribution"])
            guess = guesses[excerpt["doc_id"]][number]["label"]
            rare = bool({"denial", "anonymous"} & {label, guess})
            if held_out:
                gold = [sentence["stance"], sentence["attribution"]]
                controls[label in ("denial", "anonymous")].append(item | {"kind": "control", "gold": gold})
            elif label != guess and rare and hash_of(sentence["text"]) not in known:
                found.append(item)
    return found + [item for pool in controls.values() for item in rng.sample(pool, min(CONTROLS, len(pool)))]


def write_items(items: list[Row], out: Path) -> None:
    (out / "answers").mkdir(parents=True)
    (out / "items").mkdir()
    share = -(-len(items) // len(READERS))
    for reader, begin in zip(READERS, range(0, len(items), share), strict=False):
        for chunk, start in enumerate(range(begin, min(begin + share, len(items)), CHUNK)):
            lines = []
            for number in range(start, min(start + CHUNK, begin + share, len(items))):
                item = items[number]
                lines += [f"#{number}", *(f"< {text[:400]}" for text in item["before"]), f"= {item['text']}"]
                lines += [f"> {item['after'][:300]}", ""] if item["after"] else [""]
            name = f"{reader}-{chunk:02}.txt"
            (out / "items" / name).write_text("\n".join(" ".join(line.split()) for line in lines))
    (out / "index.json").write_text(json.dumps(items, ensure_ascii=False))


def collect(folder: Path, readings: Path) -> None:
    """Adds to the readings, and prints how many there are of each label and how many controls agree."""
    items: list[Row] = json.loads((folder / "index.json").read_text())
    rows = [astuple(reading) for reading in read_readings(readings)] if readings.exists() else []
    counts, numbers = Counter[str](), Counter[int]()
    for path in sorted((folder / "answers").glob("*.txt")):
        for line in filter(None, map(str.strip, path.read_text().splitlines())):
            match = ANSWER.fullmatch(line)
            if match is None:
                raise ValueError(f"{path}: {line}")
            number = int(match[1])
            numbers[number] += 1
            item = items[number]
            stance, attribution = STANCES[match[2]], ATTRIBUTIONS[match[3] or "A"]
            kind, unsure = KINDS[match[4]] if match[4] else "", "?" if match[5] else ""
            counts[item["kind"]] += 1
            if item["kind"] == "control":
                same = derive(*item["gold"][:2]) == derive(stance, attribution)
                counts["control, the same label"] += same
            else:
                place = (item["kind"], item["doc_id"], item["sentence"], hash_of(item["text"]))
                rows.append((*place, stance, attribution, kind, unsure))
                counts[f"{item['kind']}, {derive(stance, attribution)}"] += 1
    if any(numbers[number] != 1 for number in range(len(items))):
        raise ValueError(f"{folder}: some items have no answer, or two")
    with readings.open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(sorted(set(rows)))
    print(json.dumps(counts, indent=2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    items = commands.add_parser("items")
    items.add_argument("--data", type=Path, required=True)
    items.add_argument("--blind", type=Path, nargs="*", default=[], help="sets that nobody may read")
    items.add_argument("--rows", type=Path, nargs="+", required=True)
    items.add_argument("--train-rows", type=Path, required=True)
    items.add_argument("--seed", type=int, default=12)
    items.add_argument("--fold", type=int, default=1, help="fold of the articles that the model has not seen")
    items.add_argument("--out", type=Path, required=True)
    collected = commands.add_parser("collect")
    collected.add_argument("folder", type=Path)
    for command in (items, collected):
        command.add_argument("--readings", type=Path, default=Path(__file__).parent.parent / "readings.tsv")
    arguments = parser.parse_args()
    if arguments.command == "collect":
        collect(arguments.folder, arguments.readings)
        return
    rng = random.Random(arguments.seed)
    gold = arguments.data / "sentences"
    train = read_lines(gold / "train.jsonl")
    held_back = texts(row for path in (gold / "dev.jsonl", *arguments.blind) for row in read_lines(path))
    read = {reading.hash for reading in read_readings(arguments.readings)} if arguments.readings.exists() else set()
    trained = {hash_of(sentence["text"]) for excerpt in train for sentence in excerpt["sentences"]}
    chosen = from_corpus(read_rows(*arguments.rows), held_back, read | trained, rng)
    chosen += from_train(train, read_rows(arguments.train_rows), arguments.fold, read, rng)
    rng.shuffle(chosen)
    write_items(chosen, arguments.out)
    print(json.dumps(Counter(item["kind"] for item in chosen)))


if __name__ == "__main__":
    main()
