"""Kubernetes: asked by access reviews and dry runs, held against quotas and nodes."""

from .adapter import Kubernetes, KubernetesConfig

__all__ = ["Kubernetes", "KubernetesConfig"]
