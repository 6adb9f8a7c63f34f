"""Strides, padding and pooling of imagenet-vgg-f.mat, -m and -s, as the released files hold them."""

from typing import Any

GEOMETRY: dict[str, list[dict[str, Any]]] = {
    "cnn-f": [
        {"conv": "conv1", "stride": 4, "pad": 0},
        {"lrn": "norm1"},
        {"pool": "pool1", "size": 3, "stride": 2, "pad": [0, 1, 0, 1]},
        {"conv": "conv2", "stride": 1, "pad": 2},
        {"lrn": "norm2"},
        {"pool": "pool2", "size": 3, "stride": 2, "pad": 0},
        *({"conv": f"conv{i}", "stride": 1, "pad": 1} for i in (3, 4, 5)),
        {"pool": "pool5", "size": 3, "stride": 2, "pad": [0, 1, 0, 1]},
    ],
    "cnn-m": [
        {"conv": "conv1", "stride": 2, "pad": 0},
        {"lrn": "norm1"},
        {"pool": "pool1", "size": 3, "stride": 2, "pad": 0},
        {"conv": "conv2", "stride": 2, "pad": 1},
        {"lrn": "norm2"},
        {"pool": "pool2", "size": 3, "stride": 2, "pad": [0, 1, 0, 1]},
        *({"conv": f"conv{i}", "stride": 1, "pad": 1} for i in (3, 4, 5)),
        {"pool": "pool5", "size": 3, "stride": 2, "pad": 0},
    ],
    "cnn-s": [
        {"conv": "conv1", "stride": 2, "pad": 0},
        {"lrn": "norm1"},
        {"pool": "pool1", "size": 3, "stride": 3, "pad": [0, 2, 0, 2]},
        {"conv": "conv2", "stride": 1, "pad": 0},
        {"pool": "pool2", "size": 2, "stride": 2, "pad": [0, 1, 0, 1]},
        *({"conv": f"conv{i}", "stride": 1, "pad": 1} for i in (3, 4, 5)),
        {"pool": "pool5", "size": 3, "stride": 3, "pad": [0, 1, 0, 1]},
    ],
}
"""What stands in the released files; a ReLU follows every convolution but the last of the fully connected ones."""
FULL: list[dict[str, Any]] = [{"conv": f"fc{i}", "stride": 1, "pad": 0} for i in (6, 7, 8)]
RELEASED = (5.0, 2.0, 1e-4, 0.75)
