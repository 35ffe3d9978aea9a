"""Runs the notebook, and keeps what it shows: in itself, and its pictures for docs/notebook.md.

python notebooks/execute.py
"""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "similarity.ipynb"
IMAGES = ROOT / "docs" / "images"
# Seconds. On processors whose products are slow the index of the sample takes five minutes, and more beside others.
CELL_TIMEOUT = 1_000


def execute(file: Path) -> nbformat.NotebookNode:
    """Return the notebook in `file` with the outputs of a new run, from the top, in a kernel of its own."""
    notebook = nbformat.read(file, as_version=4)
    resources = {"metadata": {"path": str(ROOT)}}
    client = NotebookClient(notebook, timeout=CELL_TIMEOUT, kernel_name="python3", resources=resources)
    client.execute()
    for cell in notebook.cells:
        # When each cell ran says nothing to a reader, and would change with every run.
        cell.metadata.pop("execution", None)
    return notebook


def pictures(notebook: nbformat.NotebookNode) -> dict[str, bytes]:
    """Return the PNG of each cell that drew one, by the cell's id."""
    return {
        cell.id: base64.b64decode(output.data["image/png"])
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    }


if __name__ == "__main__":
    executed = execute(NOTEBOOK)
    nbformat.write(executed, NOTEBOOK)
    for name, content in pictures(executed).items():
        (IMAGES / f"notebook-{name}.png").write_bytes(content)
