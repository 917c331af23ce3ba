import pytest

from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.notebook.kernel import LiveKernel
from jupyter_canidothis.resources import Range


def resources(book, *sources):
    return describe(book(*sources)).resources


@pytest.mark.parametrize(
    ("source", "most"),
    [
        ("from multiprocessing import Pool\nPool(8)", 8000),
        ("import multiprocessing as mp\nn = 4\nmp.Pool(processes=n)", 4000),
        ("from joblib import Parallel\nParallel(n_jobs=6)", 6000),
        (
            "from dask.distributed import Client\nClient(n_workers=4, threads_per_worker=2)",
            8000,
        ),
        ("from concurrent.futures import ThreadPoolExecutor as T\nT(max_workers=3)", 3000),
        ("model.fit(x, n_jobs=5)", 5000),
        ("from sklearn.svm import SVC\nSVC(n_jobs=-1)", None),
        ("import multiprocessing\nmultiprocessing.Pool()", None),
    ],
)
def test_pools_and_workers_are_cores_it_can_use(book, source, most):
    task = describe(book(source))
    assert task.resources.cores == Range(min=1000, max=most)
    (evidence,) = task.evidence["resources.cores"]
    assert (evidence.how, evidence.source[:7]) == ("static", "cell 1,")


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.device('cuda')",
        "import torch\nmodel.to('cuda:0')",
        "import torch\nmodel.cuda()",
        "import cupy as cp\ncp.zeros(3)",
        "import jax\njax.devices('gpu')",
        "import tensorflow as tf\nwith tf.device('/GPU:0'): pass",
        "from numba import cuda\n@cuda.jit\ndef f(): pass\ncuda.to_device(x)",
    ],
)
def test_a_device_call_needs_a_gpu(book, source):
    assert resources(book, source).gpus == Range(min=1)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndevice = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "import torch\nif torch.cuda.is_available():\n    model.cuda()",
        "import tensorflow as tf\ntf.config.list_physical_devices('GPU')",
    ],
)
def test_code_that_asks_for_a_gpu_first_can_do_without(book, source):
    assert resources(book, source).gpus == Range(max=1)


@pytest.mark.parametrize("source", ["import torch, cupy, jax", "x.cuda()", "x.to('cuda')"])
def test_an_import_or_a_name_alone_needs_no_gpu(book, source):
    assert resources(book, source).gpus == Range()


def test_memory_held_on_a_gpu_is_asked_for(book):
    kernel = LiveKernel(gpu={"torch": 3 * 2**30})
    task = describe(book("import torch"), kernel=kernel)
    assert task.resources.gpus == Range(min=1)
    assert task.resources.gpu.memory == 4 * 2**30
