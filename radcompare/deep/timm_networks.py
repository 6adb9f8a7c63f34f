"""The networks of timm, an optional library of some thousand image models: `timm/NAME`."""

from typing import Any

from torch import nn

from radcompare.deep.networks import Network
from radcompare.deep.torchvision_shim import import_torchvision
from radcompare.errors import ConfigError, MissingLibraryError, UnknownNameError

FAMILY = "timm/"
FILES = ("model.safetensors", "pytorch_model.bin")
"""What a repository of timm's weights holds; the first is read."""


def timm_network(name: str) -> Network:
    """A network of timm, with the input size and scaling that its published weights were trained with.

    Args:
        name: `timm/` and a name that `timm.list_models()` gives, with a tag of its weights if need be
            (`timm/resnet18.a1_in1k`).

    Raises:
        MissingLibraryError: timm is not installed.
        UnknownNameError: timm has no such network.
    """
    timm = _timm()
    own = name.removeprefix(FAMILY)
    architecture = own.partition(".")[0]
    if architecture not in timm.list_models():
        raise UnknownNameError("network of timm", own, timm.list_models(), "timm.list_models() lists them")
    try:
        settings = timm.models.get_pretrained_cfg(own, allow_unregistered=False)
    except RuntimeError as error:
        raise ConfigError(
            f"{name}: {error}", "timm.list_pretrained() lists the tags of its weights"
        ) from None
    published = {} if settings is None else settings.to_dict()

    def build() -> nn.Module:
        model = timm.create_model(architecture)
        assert isinstance(model, nn.Module)
        return model

    return Network(
        name,
        build,
        head=_head(published),
        mean=tuple(published.get("mean", (0.5, 0.5, 0.5))),
        std=tuple(published.get("std", (0.5, 0.5, 0.5))),
        published=(lambda: _fetched(published["hf_hub_id"])) if published.get("hf_hub_id") else None,
        published_file=f"{published.get('hf_hub_id', '').rpartition('/')[2]}.safetensors",
        published_weights=f"timm publishes no weights for {own}: pass --weights FILE",
        input_size=int(published.get("input_size", (3, 224, 224))[-1]),
        hollow=False,
        code=f"timm {timm.__version__}",
    )


def _timm() -> Any:
    import_torchvision()  # timm imports it, and fails where it does
    try:
        import timm
    except ImportError:
        raise MissingLibraryError("timm is not installed", "pip install 'radcompare[timm]'") from None
    return timm


def _head(published: dict[str, Any]) -> str:
    """The classification layer; where timm names several, they are told apart by running."""
    head = published.get("classifier", "")
    return head if isinstance(head, str) else ""


def _fetched(repository: str) -> str:
    """The path of a file of weights in the Hugging Face cache, downloaded unless it is there."""
    from huggingface_hub import hf_hub_download

    return str(hf_hub_download(repository, FILES[0]))
