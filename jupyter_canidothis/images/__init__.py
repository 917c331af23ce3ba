"""What a container image is, without pulling it: from a registry, and from tables.

Below the platforms: each container platform asks here what an image needs of its
host and what a notebook finds in it.
"""
