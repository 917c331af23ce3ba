def pytest_ignore_collect(collection_path, config):
    """Leave benchmarks alone unless they are asked for: they need half a gigabyte and a minute."""
    return None if config.getoption("benchmark_enable") else True
