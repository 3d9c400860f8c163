"""Runs a notebook from its first cell to its last and compares what it prints with what is committed in it.

    execute.py corpus.ipynb            fails if a cell raises, warns, or prints something else than the file shows
    execute.py corpus.ipynb --update   writes what the cells print, and the pictures, into the file

Text is compared word for word. Of pictures, only that the same cells draw them: their bytes depend on the fonts of
the machine. What changes from run to run (times, versions of Python) is not written.
"""

import argparse
import difflib
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECONDS_PER_CELL = 300


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Fills in the outputs of all cells, run in a fresh kernel with `folder` as its working directory."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as settings:
        # A profile or start-up file of the user would run inside the kernel.
        os.environ["IPYTHONDIR"] = settings
        # Sockets in the file system: no port that others on the machine could reach.
        sockets = Config({"KernelManager": {"transport": "ipc", "ip": f"{settings}/kernel"}})
        client = NotebookClient(
            notebook,
            config=sockets,
            timeout=SECONDS_PER_CELL,
            kernel_name=METADATA["kernelspec"]["name"],
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
        )
        client.execute()


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Removes what differs between two runs of one notebook, and joins what a stream brought in pieces."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type != "code":
            continue
        joined: list[nbformat.NotebookNode] = []
        for output in cell.outputs:
            last = joined[-1] if joined else None
            if last and last.output_type == output.output_type == "stream" and last.name == output.name:
                last.text += output.text
            else:
                joined.append(output)
        cell.outputs = joined


def transcript(notebook: nbformat.NotebookNode) -> list[str]:
    """What the cells show, as lines of text; a picture is a line that says so."""
    lines = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        lines.append(f"[{cell.id}] run as number {cell.execution_count}")
        for output in cell.outputs:
            if output.output_type == "stream":
                lines += [f"{output.name}: {line}" for line in output.text.splitlines()]
            elif output.output_type == "error":
                lines.append(f"error: {output.ename}: {output.evalue}")
            else:
                for kind in sorted(output.data):
                    if kind.startswith("image/"):
                        lines.append(f"({kind})")
                    else:
                        lines += [f"{kind}: {line}" for line in output.data[kind].splitlines()]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()

    committed = nbformat.read(arguments.notebook, as_version=4)
    executed = nbformat.read(arguments.notebook, as_version=4)
    try:
        execute(executed, arguments.notebook.resolve().parent)
    except CellExecutionError as error:
        print(f"{arguments.notebook}: {error}", file=sys.stderr)
        return 1
    tidy(executed)
    nbformat.validate(executed)
    warnings = [line for line in transcript(executed) if line.startswith("stderr: ")]
    if warnings:
        print("\n".join([f"{arguments.notebook}: a cell warns", *warnings]), file=sys.stderr)
        return 1

    if arguments.update:
        nbformat.write(executed, arguments.notebook)
        return 0
    difference = list(
        difflib.unified_diff(transcript(committed), transcript(executed), "committed", "this run", lineterm="", n=1)
    )
    if difference:
        print("\n".join(difference), file=sys.stderr)
        print(f"{arguments.notebook}: its outputs are not current; notebooks/run.sh --update mends it", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
