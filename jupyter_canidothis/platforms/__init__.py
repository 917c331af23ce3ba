"""Adapters: one module or small folder per kind of platform.

No adapter knows another, and none knows how notebooks are described. What they
share is `base` (the protocol), `capacity` (the one judge over published limits)
and `registry` (kinds by name).
"""
