"""Compares a page of `sayso report` with what pandas computes from the same rows, and measures its making.

    python -m report_check.compare --sayso ../target/release/sayso FOLDER

reads the tables that `generate` wrote into FOLDER. Every count must be equal, every mean and interval to five decimals;
the first difference ends the run with status 1. Time and memory are those of the whole program.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from .generate import ANONYMITIES, ATTRIBUTIONS, STANCES

Z = 1.959963984540054
LABELS = ("assertion", "denial", "anonymous", "none")
PRONOUNS = {"he", "she", "it", "they"}
"""Those that `generate` writes."""
GROUPS, LISTED, DECIMALS, BOUND = 12, 15, 5, 0.5
MOST_SECONDS, MOST_MIB = 20.0, 300.0


def figures(page: Path) -> dict:
    """The figures that a page carries."""
    begin = '<script type="application/json" id="data">'
    text = page.read_text(encoding="utf-8")
    start = text.index(begin) + len(begin)
    return json.loads(text[start : text.index("</script>", start)])["figures"]


def made(sayso: Path, table: Path, page: Path) -> dict:
    """Makes the page; its figures. Says what that took."""
    command = [sayso, "report", table, "-q", "-o", page, "--group-column", "outlet", "--date-column", "date"]
    begun = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds, mib = time.monotonic() - begun, usage.ru_maxrss / 1024
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{table.name}: sayso report failed")
    print(f"{table.name}: {seconds:.1f} s, {mib:.0f} MiB, a page of {page.stat().st_size:,} bytes")
    if seconds > MOST_SECONDS or mib > MOST_MIB:
        sys.exit(f"more than {MOST_SECONDS} s or {MOST_MIB} MiB")
    return figures(page)


def interval(rows: pd.DataFrame, measure: str) -> list[float] | None:
    """The 95 % interval of the share of `measure`, written anew from docs/REPORT.md."""
    documents = rows.groupby("doc_id", sort=False)[measure].agg(["sum", "count"]).astype(float)
    x, n, m = documents["sum"], documents["count"], len(documents)
    if m < 2:
        return None
    p = x.sum() / n.sum()
    variance = m / (m - 1) * ((x - p * n) ** 2).sum() / n.sum() ** 2
    observations = m if p in (0, 1) else min(p * (1 - p) / variance, n.sum())
    freedom = 1 / (m - 1)
    student = Z + (Z**3 + Z) * freedom / 4 + (5 * Z**5 + 16 * Z**3 + 3 * Z) * freedom**2 / 96
    square = Z**2 / (observations * (Z / student) ** 2)
    centre, half = p + square / 2, np.sqrt(square) * np.sqrt(p * (1 - p) + square / 4)
    return [(centre - half) / (1 + square), (centre + half) / (1 + square)]


def shares(rows: pd.DataFrame) -> dict:
    """What a row of the report's tables holds."""

    def share(measure: str) -> dict:
        return {"count": int(rows[measure].sum()), "share": rows[measure].mean(), "interval": interval(rows, measure)}

    return {
        "documents": rows.doc_id.nunique(),
        "sentences": len(rows),
        "labels": [share(f"label {name}") for name in LABELS],
        "denials": share("stance deny"),
        "broad": share("attribution anonymous"),
        "strict": share("anonymity explicit"),
        "uncertain": share("uncertain"),
    }


def sources(rows: pd.DataFrame, attribution: str) -> dict:
    """The most frequent wordings of one kind of source."""
    rows = rows[rows.attribution == attribution]
    key = rows.source.str.strip().str.replace(r"\s+", " ", regex=True).str.lower()
    is_pronoun, is_empty = key.isin(PRONOUNS), key == ""
    rows = rows.assign(key=key)[~is_pronoun & ~is_empty]
    counts = rows.groupby("key").size().reset_index(name="size")
    top = counts.sort_values(["size", "key"], ascending=[False, True]).head(LISTED)
    listed = []
    for text in top.key:
        own = rows[rows.key == text]
        spelling = own.groupby("source").size().reset_index(name="size")
        listed.append(
            {
                "text": spelling.sort_values(["size", "source"], ascending=[False, True]).source.iloc[0],
                "sentences": len(own),
                "stances": [int((own.stance == stance).sum()) for stance in STANCES],
                "explicit": int((own.anonymity == "explicit").sum()),
            }
        )
    return {
        "sentences": len(key),
        "pronouns": int(is_pronoun.sum()),
        "unworded": int(is_empty.sum()),
        "distinct": len(counts),
        "bound": 0,
        "top": listed,
    }


def groups(rows: pd.DataFrame) -> list[dict]:
    sizes = (
        rows.groupby("outlet").size().reset_index(name="size").sort_values(["size", "outlet"], ascending=[False, True])
    )
    listed, others = list(sizes.outlet[:GROUPS]), list(sizes.outlet[GROUPS:])
    parts = [(name, "value", rows[rows.outlet == name]) for name in listed]
    parts.append((f"{len(others)} others", "other", rows[rows.outlet.isin(others)]))
    return [{"name": name, "kind": kind, **shares(part)} for name, kind, part in parts]


def dates(rows: pd.DataFrame) -> dict:
    days = pd.to_datetime(rows.date.str[:10], format="%Y-%m-%d", errors="coerce")
    months = days.dt.strftime("%Y-%m")
    parts = [
        {"name": month, "start": f"{month}-01", **shares(rows[months == month])}
        for month in sorted(months.dropna().unique())
    ]
    size = [
        [int(rows.doc_id[mask].nunique()), int(mask.sum())]
        for mask in (rows.date == "", (rows.date != "") & days.isna())
    ]
    return {"unit": "month", "rows": parts, "missing": size[0], "unreadable": size[1]}


def expected(rows: pd.DataFrame) -> dict:
    """What the page should say."""
    measures = {
        **{f"label {name}": rows.label == name for name in LABELS},
        **{f"stance {name}": rows.stance == name for name in STANCES},
        **{f"attribution {name}": rows.attribution == name for name in ATTRIBUTIONS},
        **{f"anonymity {name}": rows.anonymity == name for name in ANONYMITIES},
        "uncertain": rows.confidence < BOUND,
    }
    # Sums of a million 32-bit numbers would be wrong in the fourth decimal.
    rows = rows.astype(dict.fromkeys(rows.columns[rows.dtypes == "float32"], "float64"))
    rows = pd.concat([rows, pd.DataFrame(measures)], axis=1)
    rows["p_none"] = (1 - rows[["p_assert", "p_deny", "p_no_comment"]].sum(axis=1)).clip(lower=0)
    rows["q_none"] = (1 - rows[["p_named", "p_anonymous", "p_unspecified"]].sum(axis=1)).clip(lower=0)

    def axis(name: str, values: np.ndarray, mean: dict | None) -> list[dict]:
        counts = [int(rows[f"{name} {value}"].sum()) for value in values]
        means = [None if mean is None else rows[mean.get(value, f"p_{value}")].mean() for value in values]
        return [{"name": v, "count": c, "expected": e} for v, c, e in zip(values, counts, means, strict=True)]

    return {
        "documents": rows.doc_id.nunique(),
        "sentences": len(rows),
        "rejected": 0,
        "scattered": 0,
        "all": shares(rows),
        "stance": axis("stance", STANCES, {}),
        "attribution": axis("attribution", ATTRIBUTIONS, {"none": "q_none"}),
        "anonymity": axis("anonymity", ANONYMITIES, None),
        "groups": {"column": "outlet", "distinct": rows.outlet.nunique(), "rows": groups(rows)},
        "dates": dates(rows),
        "named": sources(rows, "named"),
        "anonymous": sources(rows, "anonymous"),
    }


def check(wanted: object, found: object, place: str) -> int:
    """Ends the run where `found` lacks or contradicts something of `wanted`; how many values were compared."""
    if isinstance(wanted, dict):
        return sum(check(value, found[key], f"{place}.{key}") for key, value in wanted.items())
    if isinstance(wanted, list):
        if len(wanted) != len(found):
            sys.exit(f"{place}: {len(wanted)} values in pandas, {len(found)} on the page")
        return sum(check(value, found[i], f"{place}[{i}]") for i, value in enumerate(wanted))
    is_close = isinstance(wanted, float) and isinstance(found, float) and abs(wanted - found) < 10**-DECIMALS
    if not is_close and wanted != found:
        sys.exit(f"{place}: {wanted} in pandas, {found} on the page")
    return 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sayso", type=Path, required=True)
    arguments = parser.parse_args()
    tables = [arguments.folder / name for name in ("rows.parquet", "rows.csv")]
    pages = [made(arguments.sayso, table, table.with_suffix(".html")) for table in tables]
    wanted = expected(pd.read_parquet(tables[0]))
    for table, found in zip(tables, pages, strict=True):
        print(f"{table.name}: {check(wanted, found, 'figures'):,} figures are those of pandas")


if __name__ == "__main__":
    main()
