"""Keeps the table of `benches/README.md` in step with `benches/runs/peers.json`; runs by itself too."""

import json
import sys
from pathlib import Path
from typing import Any

from pages import with_block

BEGIN, END = "<!-- peers:begin (written by scripts/peers/run.sh) -->", "<!-- peers:end -->"
NAMES = {
    "sayso": "**sayso**",
    "pytorch": "PyTorch",
    "rust-bert": "rust-bert, in sayso's runner",
    "onnxruntime": "ONNX Runtime",
    "ctranslate2": "CTranslate2",
    "openvino": "OpenVINO",
}
HEAD = (
    "| engine | sentences/s (slowest–fastest) | workers × threads, batch | agreement | peak MB | first label, s |",
    "|---|---|---|---|---|---|",
)


def cells(row: dict[str, Any], mark: str) -> list[str]:
    rounds = row["rounds"]
    inside = row["threads"] // row["workers"]
    batch = f", {row['batch']}" if row["batch"] else ""
    share = row["agreement"]
    return [
        NAMES[row["engine"]] + mark,
        f"{row['sentences_per_second']:.0f} ({min(rounds):.0f}–{max(rounds):.0f})",
        f"{row['workers']} × {inside}{batch}",
        "–" if share is None else f"{100 * share:.1f} %",
        f"{row['peak_rss_mb']:.0f}",
        f"{row['first_label_s']:.2f}",
    ]


def render(result: dict[str, Any]) -> str:
    notes: list[str] = []
    lines: list[str] = []
    for precision in ("f32", "int8"):
        rows = [row for row in result["rows"] if row["precision"] == precision]
        lines += [f"### {precision}", "", *HEAD]
        for row in sorted(rows, key=lambda row: -row["sentences_per_second"]):
            if row["note"] and row["note"] not in notes:
                notes.append(row["note"])
            mark = f" <sup>{notes.index(row['note']) + 1}</sup>" if row["note"] else ""
            lines.append(f"| {' | '.join(cells(row, mark))} |")
        lines.append("")
    lines += [f"<sup>{number}</sup> {note}  " for number, note in enumerate(notes, 1)] + [""]
    machine, texts = result["machine"], result["texts"]
    kind = "invented sentences" if texts["invented"] else "sentences of news"
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    lines.append(
        f"{result['date']}, commit {result['commit']}; {machine['cpu']}, {machine['cores']} cores, "
        f"{' '.join(machine['flags'])}; {texts['sentences']} {kind} of {texts['mean_wordpieces']} wordpieces on "
        f"average, `[CLS]` and `[SEP]` included; {len(result['rows'][0]['rounds'])} rounds; {versions}."
    )
    return "\n".join(lines)


def update(readme: Path, result: dict[str, Any]) -> None:
    """Replaces what stands between the markers."""
    readme.write_text(with_block(readme.read_text(), BEGIN, END, f"\n{render(result)}\n"))


if __name__ == "__main__":
    update(Path(sys.argv[2]), json.loads(Path(sys.argv[1]).read_text()))
