"""Real platforms on loopback, for the demo and for tests: started and stopped without root.

``python -m jupyter_canidothis.demo up slurm`` starts one (or ``gridengine``), ``down slurm``
stops it and leaves nothing behind, ``status`` shows what runs.
"""

from .daemons import DemoError
from .gridengine import GridEngineCluster
from .slurm import SlurmCluster
from .slurm_conf import NODES, PARTITIONS, DemoNode

__all__ = ["NODES", "PARTITIONS", "DemoError", "DemoNode", "GridEngineCluster", "SlurmCluster"]
