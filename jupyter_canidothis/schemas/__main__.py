"""Write the published schemas beside this module."""

from pathlib import Path

from .generate import documents

for name, text in documents().items():
    Path(__file__).with_name(name).write_text(text, encoding="utf-8")
