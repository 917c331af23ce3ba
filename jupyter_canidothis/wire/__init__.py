"""One codec per dialect: the only place that knows how fields are spelled on a wire.

``accepts`` is the Execution Planner protocol of 2021, ``plan`` is our own JSON.
"""
