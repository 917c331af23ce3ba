"""Notebooks written to disk for the doors that read files."""

from __future__ import annotations

import json


def write_notebook(folder, *sources, name="demo.ipynb"):
    """Write a small Python notebook and return its path."""
    cells = [
        {
            "cell_type": "code",
            "source": s,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for s in sources
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    metadata = {"kernelspec": kernel}
    path = folder / name
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": cells})
    )
    return path
