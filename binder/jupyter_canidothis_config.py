"""Platforms of the demo: real where possible, declared for the rest."""

c = get_config()  # noqa: F821 - traitlets gives this name to configuration files

# This machine, and the Slurm that `python -m jupyter_canidothis.demo up slurm`
# started, are discovered. The rest cannot be asked from here, so an
# administrator wrote their limits down.
c.CanIDoThis.platforms = [
    {
        "kind": "declared",
        "name": "Gaia Kubernetes (slides)",
        "tasktypes": ["uri://kubernetes-helm"],
        "servicetype": "uri://kubernetes-helm",
        "endpoint": "https://gaia.example.org/kubernetes",
        "resources": {
            "maxcores": 240,
            "maxmemory": "400G",
            "maxduration": "9h30m",
        },
        "declared": "2026-11-22",
    },
    {
        "kind": "declared",
        "name": "Science cloud (example)",
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
        "endpoint": "https://hub.example.org/",
        "resources": {"maxcores": 32, "maxmemory": "256G", "maxduration": "24h"},
        "declared": "2026-11-22",
    },
    {
        "kind": "declared",
        "name": "Rubin Science Platform (example)",
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
        "endpoint": "https://rsp.example.org/",
        "resources": {"maxcores": 4, "maxmemory": "12G", "maxduration": "8h", "maxgpus": 0},
        "languages": ["python"],
        "declared": "2026-11-22",
    },
]
