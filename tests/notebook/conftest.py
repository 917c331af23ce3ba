"""Notebooks in a line or two, for the tests of the describer."""

import pytest

from jupyter_canidothis.notebook.describe import describe


@pytest.fixture
def book():
    """Build a notebook from the sources of its code cells."""

    def build(*sources, **metadata):
        cells = [{"cell_type": "code", "source": text, "metadata": {}} for text in sources]
        python = {"name": "python3", "language": "python"}
        return {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": python, **metadata},
            "cells": cells,
        }

    return build


@pytest.fixture
def names(book):
    """Describe cells and return the distribution names of one status."""

    def describe_cells(*sources, status="needed", **circumstances):
        task = describe(book(*sources), **circumstances)
        return {one.name for one in task.software if one.status == status}

    return describe_cells
