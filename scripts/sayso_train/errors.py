"""Prints the sentences of gold files on which a model is most certainly wrong, as JSON lines, most certain first.

On dev this is error analysis; on training articles that a run has not seen (`--fold`), it lists labels worth a second
look. Every line names the case of the guideline that the sentence seems to touch, by its words. The text is other
people's: the lines are for reading, not for the repository.
"""

import argparse
import json
import re
from pathlib import Path

from .bundle import load_bundle
from .data import load_tokenizer, read_gold
from .labels import derive
from .reliability import label_confidence
from .report import Answered, ask, to_choose

CASES = (
    ("support, not truth (25)", r"evidence|proof|verif|confirm|corroborat"),
    ("calling a claim false (1)", r"\b(false|fake|hoax|myth|lies?|lied|lying|untrue|baseless|nonsense|fabricat)"),
    ("refused offer or accusation", r"reject|dismiss|refus|rebuff|turned down"),
    ("no comment (27)", r"comment|respond|reach(ed)? for|discuss"),
    ("disavowal, disagreement (5, 26)", r"disavow|disput|disagre|contest|challenge|object"),
    ("reportedly (15)", r"reported|alleg|purport|believed|accused|rumou?r"),
    ("negative answer or plain fact (24)", r"\b(not|never|no|neither|nor|n't|without)\b|n't"),
    ("officials and bodies (9, 22)", r"official|spokes|ministry|police|aide|analyst|expert|source"),
    ("quotation (13)", r"[\"“”]"),
)


def case_of(text: str) -> str:
    """The first case whose words the sentence has."""
    return next((name for name, words in CASES if re.search(words, text, re.IGNORECASE)), "other")


def wrong(answered: Answered) -> list[dict[str, object]]:
    """The wrong labels, most certain first."""
    texts = [text for excerpt in answered.excerpts for text in excerpt.texts]
    names = answered.per_sentence(lambda excerpt: excerpt.doc_id)
    unsure = [flag for excerpt in answered.excerpts for flag in excerpt.unsure]
    own = answered.log_probabilities
    found: list[dict[str, object]] = []
    for number, (gold, guess) in enumerate(zip(answered.gold, answered.guess, strict=True)):
        label, answer = derive(*gold[:2]), derive(*guess[:2])
        if label == answer:
            continue
        confidence = label_confidence(own["stance"][number], own["attribution"][number], answer)
        found.append(
            {
                "confidence": round(confidence, 3),
                "gold": label,
                "answer": answer,
                "stance": f"{gold[0]} > {guess[0]}",
                "attribution": f"{gold[1]} > {guess[1]}",
                "unsure": unsure[number],
                "case": case_of(texts[number]),
                "doc_id": names[number],
                "text": texts[number],
            }
        )
    return sorted(found, key=lambda row: -float(str(row["confidence"])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--fold", type=int, help="only this fold of training articles, the one that was held out")
    parser.add_argument("--all", action="store_true", help="also the half of dev that is held back")
    parser.add_argument("--count", type=int, default=20)
    arguments = parser.parse_args()

    model, config = load_bundle(arguments.bundle)
    excerpts = read_gold(arguments.gold, load_tokenizer(arguments.bundle))
    if arguments.fold is not None:
        excerpts = [excerpt for excerpt in excerpts if excerpt.fold() == arguments.fold]
    elif not arguments.all:
        excerpts = [excerpt for excerpt in excerpts if to_choose(excerpt)]
    for row in wrong(ask(model, config, excerpts))[: arguments.count]:
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
