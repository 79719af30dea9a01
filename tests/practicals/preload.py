"""What the server of forks prepares once, so that no hand-in has to: its packages and MNIST."""

import os
from contextlib import suppress

# Before torch is loaded: hand-ins run side by side, one thread each is fastest then. And progress
# bars write to the stream of errors where there is no kernel.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = os.environ["CMP784_HEADLESS"] = "1"

import IPython.core.interactiveshell
import matplotlib
import matplotlib.pyplot
import numpy
import torch._dynamo  # a second's work that the first optimiser of torch would do

from cmp784 import data, plots
from tests.practicals import quick

__all__ = ["IPython", "numpy", "quick", "torch"]

matplotlib.use("Agg")
torch.set_num_threads(1)
# Drawing takes longer than all tests together, and no point depends on it.
plots.show = lambda figure, alt: matplotlib.pyplot.close(figure)
plots.image_grid = lambda *images, **options: matplotlib.pyplot.figure()
with suppress(data.DataError):  # then the notebook itself says what is missing
    images = data.mnist()
    data.mnist = lambda: images
