"""Can I run this notebook, here or somewhere else?"""
