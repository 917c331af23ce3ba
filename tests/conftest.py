pytest_plugins = ["pytest_jupyter.jupyter_server", "pytest_jupyter.jupyter_client"]
