"""Which device a notebook computes on."""

import pytest
import torch

from cmp784 import Cmp784Error, device
from cmp784.devices import VARIABLE


@pytest.mark.parametrize("present", [True, False], ids=["GPU", "no GPU"])
@pytest.mark.parametrize("wanted", ["", "cpu", "cuda"], ids=["unset", "cpu", "cuda"])
def test_device_follows_the_variable_and_the_machine(monkeypatch, wanted, present):
    """The GPU where there is one, unless the run says otherwise; never a silent fallback."""
    monkeypatch.setenv(VARIABLE, wanted)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: present)

    if wanted == "cuda" and not present:
        with pytest.raises(Cmp784Error, match=r"asks for 'cuda'.* sees no GPU here\. Unset it"):
            device()
    else:
        kind = wanted or ("cuda" if present else "cpu")
        assert device() == torch.device(kind)


@pytest.mark.parametrize("wanted", ["gpu", "CUDA", "mps", " cpu"])
def test_unknown_device_is_refused(monkeypatch, wanted):
    """The message quotes what was found and says what is expected."""
    monkeypatch.setenv(VARIABLE, wanted)

    with pytest.raises(Cmp784Error, match=f"is '{wanted}'; expected 'cpu' or 'cuda'"):
        device()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU; run it on one")
def test_on_a_machine_with_a_gpu_a_tensor_goes_there(monkeypatch):
    """Where torch sees a GPU, that is the device."""
    monkeypatch.delenv(VARIABLE, raising=False)

    assert torch.zeros(1).to(device()).is_cuda
