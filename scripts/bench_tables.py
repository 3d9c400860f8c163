"""Writes the tables of `benches/README.md` from what criterion measured.

Run it after `cargo bench`, at the same commit. Needs no package beyond Python's own. Figures are medians. Results of
earlier commits under other names stay in criterion's folder; remove it first where that matters.
"""

import argparse
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pages import table, with_block
from peers import machine

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- tables:begin (written by scripts/bench_tables.py) -->\n"
END = "<!-- tables:end -->\n"
BATCH_SENTENCES = {"int8": 2000, "f32": 400, "rust-bert": 400}
"""How many sentences each corpus of `benches/batch.rs` has. Only a build with rust-bert measures the last."""
HEADS, HIDDEN, INTERMEDIATE, TOKENS = 12, 384, 1536, 320
STAGES = (
    ("segment", "segment"),
    ("tokenize", "tokenize"),
    ("window", "window"),
    ("encode, int8", "encode"),
    ("decide, int8", "decide"),
    ("write, csv", "write"),
)


@dataclass(frozen=True)
class Measured:
    seconds: float
    elements: int
    """Bytes, operations or values that the throughput counts."""

    @property
    def rate(self) -> float:
        return self.elements / self.seconds


Benches = dict[str, Measured]


def read(folder: Path) -> Benches:
    """What criterion saved, by `group/function/value`."""
    found: Benches = {}
    for path in sorted(folder.glob("**/new/benchmark.json")):
        bench = json.loads(path.read_text())
        estimates = json.loads(path.with_name("estimates.json").read_text())
        (elements,) = (bench["throughput"] or {"none": 0}).values()
        found[bench["full_id"]] = Measured(estimates["median"]["point_estimate"] / 1e9, elements)
    return found


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def levels(benches: Benches) -> list[str]:
    return sorted({name.split("/")[2] for name in benches if name.startswith("peak/")})


def kernels(benches: Benches) -> str:
    """The linear layers: operations a second, and their share of the measured peak."""
    rows = []
    for precision in ("int8", "f32"):
        for level in levels(benches):
            peak = benches[f"peak/{precision}/{level}"].rate
            for tokens in (31, TOKENS):
                row = [f"{precision}, {level}, {tokens} rows", f"{peak / 1e9:.0f}"]
                for shape in (
                    f"{HIDDEN}x{HIDDEN}",
                    f"{HIDDEN}x{2 * HIDDEN}",
                    f"{HIDDEN}x{INTERMEDIATE}",
                    f"{INTERMEDIATE}x{HIDDEN}",
                ):
                    rate = benches[f"{precision}/plain/{level}/{tokens}x{shape}"].rate
                    row.append(f"{rate / 1e9:.0f} ({rate / peak:.0%})".replace("%", " %"))
                rows.append(row)
    header = ["precision, level, rows", "peak", "384 → 384", "384 → 768", "384 → 1536", "1536 → 384"]
    return table(header, rows)


def layer(benches: Benches) -> str:
    """Where one layer's time goes in a full window, on 8-bit integers, at the machine's best level."""
    level = max(levels(benches), key=lambda level: benches[f"peak/int8/{level}"].rate)

    def seconds(name: str) -> float:
        return benches[name].seconds

    def linear(shape: str, epilogue: str = "plain") -> float:
        return seconds(f"int8/{epilogue}/{level}/{TOKENS}x{shape}")

    shapes = (f"{HIDDEN}x{HIDDEN}", f"{HIDDEN}x{2 * HIDDEN}", f"{HIDDEN}x{INTERMEDIATE}", f"{INTERMEDIATE}x{HIDDEN}")
    # Queries and the output of attention have the first shape.
    layers = linear(shapes[0]) + sum(map(linear, shapes))
    products = HEADS * (linear(f"{HIDDEN // HEADS}x{TOKENS}") + linear(f"{TOKENS}x{HIDDEN // HEADS}"))
    attention = seconds(f"attention/int8/{level}/{TOKENS}")
    per_value = seconds(f"rows/quantize/{level}/{TOKENS}") / INTERMEDIATE
    parts = {
        "linear layers": layers,
        "products of attention": products,
        "the rest of attention (quantization, exponentials)": attention - products,
        "quantization of activations": per_value * (3 * HIDDEN + INTERMEDIATE),
        "GELU": linear(shapes[2], "gelu") - linear(shapes[2]),
        "residuals": sum(linear(shape, "residual") - linear(shape) for shape in (shapes[0], shapes[3])),
        "layer normalization": 2 * seconds(f"rows/layer_norm/{level}/{TOKENS}"),
    }
    total = sum(parts.values())
    rows = [[name, f"{1e6 * each:.0f}", percent(each / total)] for name, each in parts.items()]
    rows.append(["sum", f"{1e6 * total:.0f}", ""])
    rows.append(["all but products of matrices", "", percent(1 - (layers + products) / total)])
    return table([f"one layer, {TOKENS} tokens, int8, {level}", "µs", "share"], rows)


def stages(benches: Benches) -> str:
    times = {shown: benches[f"stages/{name}"].seconds for name, shown in STAGES}
    total = sum(times.values())
    rows = [[name, f"{1e3 * each:.3f}", percent(each / total)] for name, each in times.items()]
    text = benches["stages/segment"].elements
    tokens = benches["stages/encode, int8"]
    rows.append(["sum", f"{1e3 * total:.3f}", ""])
    return (
        table([f"a document of {text:,} bytes, {tokens.elements:,} tokens", "ms", "share"], rows)
        + f"\nThe encoder takes {tokens.rate:,.0f} tokens a second on one thread; in f32, "
        f"{benches['stages/encode, f32'].rate:,.0f}. The `tokenizers` library would tokenize in "
        f"{1e3 * benches['stages/tokenize by the library'].seconds:.3f} ms.\n"
    )


def batch(benches: Benches) -> str:
    rows = []
    for engine, sentences in BATCH_SENTENCES.items():
        for corpus in ("lone sentences", "articles", "running text", "one document"):
            names = [f"batch/{engine}, {threads} threads/{corpus}" for threads in (1, 2)]
            if engine == "rust-bert" and names[0] not in benches:
                continue
            one, two = (benches[name] for name in names)
            row = [f"{sentences / each.seconds:.0f}" for each in (one, two)]
            row.append(f"{one.seconds / two.seconds:.2f}")
            row += [f"{each.rate:,.0f}" for each in (one, two)]
            rows.append([f"{engine}, {corpus}", *row])
    header = ["", "sentences/s, 1 thread", "2 threads", "ratio", "tokens/s, 1 thread", "2 threads"]
    return table(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--criterion", type=Path, default=target / "criterion", help="default: %(default)s")
    parser.add_argument("--readme", type=Path, default=ROOT / "benches/README.md", help="default: %(default)s")
    arguments = parser.parse_args()

    benches = read(arguments.criterion)
    described = machine.describe()
    parts = (
        "### Linear layers\n",
        "GOP/s or GFLOP/s on one thread, and the share of what the units of this machine can do at that level.\n",
        kernels(benches),
        "### One layer\n",
        layer(benches),
        "### One document\n",
        stages(benches),
        "### The batch runner\n",
        batch(benches),
        f"{datetime.now(UTC).date()}, commit {machine.commit()}; {described['cpu']}, {described['cores']} cores.\n",
    )
    page = arguments.readme.read_text()
    arguments.readme.write_text(with_block(page, BEGIN, END, "\n" + "\n".join(parts) + "\n"))


if __name__ == "__main__":
    main()
