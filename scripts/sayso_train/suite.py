"""The robustness suite (`tests/robustness/suite.jsonl`): sentences in minimal pairs, by case of the guideline.

A row holds a sentence, what comes before it, the right answers, its case, and the number of its pair or group: its
members differ in what the case is about, and a group counts as kept only if all of its labels are right.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from .data import UNKNOWN, Excerpt
from .labels import ANONYMITY, ATTRIBUTION, STANCE


def read_suite(path: Path, tokenizer: Tokenizer) -> tuple[list[Excerpt], list[tuple[str, int]]]:
    """One excerpt for every sentence, and its case and group."""

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    excerpts, groups = [], []
    for line in path.read_text().splitlines():
        row = json.loads(line)
        kind = ANONYMITY.index(row["anonymity"]) if row.get("anonymity") else UNKNOWN
        excerpts.append(
            Excerpt(
                doc_id=f"{row['case']}/{row['pair']}",
                source="suite",
                selection="suite",
                context=[encode(text) for text in row.get("context", [])],
                sentences=[encode(row["text"])],
                texts=[row["text"]],
                targets=[(STANCE.index(row["stance"]), ATTRIBUTION.index(row["attribution"]), kind)],
                unsure=[False],
            )
        )
        groups.append((row["case"], row["pair"]))
    return excerpts, groups


def by_case(groups: list[tuple[str, int]], right: list[bool]) -> dict[str, dict[str, Any]]:
    """Per case: sentences, how many labels are right, groups, and how many are right throughout."""
    cases: dict[str, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for (case, group), hit in zip(groups, right, strict=True):
        cases[case][group].append(hit)
    return {
        case: {
            "sentences": sum(len(hits) for hits in members.values()),
            "right": sum(sum(hits) for hits in members.values()),
            "groups": len(members),
            "groups_right": sum(all(hits) for hits in members.values()),
        }
        for case, members in cases.items()
    }
