"""Training: the rate of the whole loop beside that of bare forward and backward passes on a batch in memory.

    python benchmarks/cnn.py [--networks arch1 arch3 cnn-f] [--batch 16] [--threads 1] [--repeats 3] [--device cpu]

The bare loop runs forward, loss and backward on one batch that lies in memory, and nothing else. Ours is `train` as
an arm runs it: order drawn, pictures gathered, all 72 images by rotation and flip made on the fly, loss weighed and
checked, penalty, the optimiser's step, learning curve, best weights kept. Both see as many pictures, in turn, equally
often; medians are told. What augmentation costs by itself is told as well.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from radcompare.cnn.augmentation import varied
from radcompare.cnn.training import Pictures, Trainee, train
from radcompare.cnn_settings import Augmentation, Cnn
from radcompare.deep.trainable import Trainable, trainable
from radcompare.memory import keep_freed_memory

CASES = 16


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", default=["arch1", "arch2", "arch3", "resnet18"])
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument(
        "--threads", type=int, default=1, help="training uses one on a CPU, so that bits are the same"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--images", type=int, default=24, help="of every case and epoch")
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    keep_freed_memory()  # for both
    print(f"batch {given.batch}, {given.threads} threads, medians of {given.repeats}; pictures per second")
    print(
        f"{'network':12s} {'bare':>8s} {'train':>8s} {'ratio':>6s} {'augmentation alone, of the time':>32s}"
    )
    for name in given.networks:
        tell(name, given)


def tell(name: str, given: argparse.Namespace) -> None:
    settings = Cnn(
        network=name,
        batch=given.batch,
        epochs=2,
        stop="none",
        validation=0.0,
        augment=Augmentation(per_epoch=given.images),
        device=given.device,
    )
    made = trainable(settings, 1)
    device = next(made.model.parameters()).device
    side = made.description.input_size
    values = torch.from_numpy(np.random.default_rng(1).random((CASES, 1, side, side), dtype=np.float32))
    pictures = Pictures(values.to(device), torch.arange(CASES, device=device) % 2)
    ways: dict[str, Callable[[], None]] = {
        "bare": lambda: bare(made, pictures, settings),
        "train": lambda: ours(made, pictures, settings),
        "augment": lambda: augmentation(pictures, settings),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    bare(made, pictures, settings)
    for _ in range(given.repeats):
        for way, run in ways.items():
            began = time.perf_counter()
            run()
            if device.type == "cuda":
                torch.cuda.synchronize()
            taken[way].append(time.perf_counter() - began)
    medians = {way: statistics.median(seconds) for way, seconds in taken.items()}
    seen = images(settings)
    ratio, share = medians["bare"] / medians["train"], medians["augment"] / medians["train"]
    rates = f"{seen / medians['bare']:8.1f} {seen / medians['train']:8.1f}"
    print(f"{name:12s} {rates} {ratio:6.0%} {share:32.1%}")


def images(settings: Cnn) -> int:
    assert settings.augment is not None
    assert settings.augment.per_epoch is not None
    return settings.epochs * CASES * settings.augment.per_epoch


def bare(made: Trainable, pictures: Pictures, settings: Cnn) -> None:
    made.model.train()
    batch = pictures.values.repeat(-(-settings.batch // CASES), 1, 1, 1)[: settings.batch]
    classes = (torch.arange(settings.batch, device=batch.device) % 2).float()
    for _ in range(images(settings) // settings.batch):
        made.model.zero_grad()
        answers = made.model(batch)[:, 0]
        torch.nn.functional.binary_cross_entropy_with_logits(answers, classes).backward()  # type: ignore[no-untyped-call]


def ours(made: Trainable, pictures: Pictures, settings: Cnn) -> None:
    trainee = Trainee(made.model, made.penalised, made.l2, made.frozen)
    train(trainee, pictures, None, settings, seed=1, merit=lambda _y, _scores: 0.5)


def augmentation(pictures: Pictures, settings: Cnn) -> None:
    generator = torch.Generator().manual_seed(1)
    assert settings.augment is not None
    for _ in range(images(settings) // settings.batch):
        which = torch.randint(0, settings.augment.images, (settings.batch,), generator=generator)
        cases = torch.randint(0, CASES, (settings.batch,), generator=generator)
        varied(pictures.values[cases], which.to(pictures.values.device), settings.augment, generator)


if __name__ == "__main__":
    main()
