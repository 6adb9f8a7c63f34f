"""Training held to arithmetic, to itself after a kill, and to what it must not touch."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from radcompare.cnn import training
from radcompare.cnn.augmentation import varied
from radcompare.cnn.keeping import StateFile
from radcompare.cnn.optimisation import Pace, case_losses, optimiser_of, penalty
from radcompare.cnn.training import Learned, Pictures, Trainee, class_weights, scores, train
from radcompare.cnn_settings import Augmentation, Training
from radcompare.errors import CaseError, ConfigError


def settings(**changes: Any) -> Training:
    plain = {"augment": None, "epochs": 4, "batch": 4, "learning_rate": 0.05, "optimiser": "sgd"}
    return Training(**{**plain, **changes})


def pictures(cases: int = 12, seed: int = 0, side: int = 6) -> Pictures:
    """Class 1 is brighter."""
    rng = np.random.default_rng(seed)
    classes = np.arange(cases) % 2
    values = rng.uniform(0, 0.6, (cases, 1, side, side)) + 0.4 * classes[:, None, None, None]
    return Pictures(torch.from_numpy(values.astype(np.float32)), torch.from_numpy(classes))


def network(seed: int = 3, units: int = 1) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(64, units)
    )


def merit(y: NDArray[np.int64], given: NDArray[np.float64]) -> float:
    return float(roc_auc_score(y, given))


def learn(model: nn.Module, how: Training, **given: Any) -> Learned:
    held = given.pop("validation", pictures(8, seed=1))
    return train(Trainee(model), pictures(), held, how, **{"seed": 1, "merit": merit, **given})


def state(model: nn.Module) -> bytes:
    return b"".join(value.numpy().tobytes() for value in model.state_dict().values())


def test_it_learns_what_can_be_learned() -> None:
    done = learn(network(), settings(epochs=30, patience=30))
    trainee = Trainee(done.model)
    fresh = pictures(40, seed=9)
    assert merit(fresh.classes.numpy(), scores(trainee, fresh.values, settings())) > 0.95
    assert done.curve[-1].loss < done.curve[0].loss / 2


@pytest.mark.parametrize("optimiser", ["rmsprop", "sgd", "adam", "adamw"])
def test_the_same_seed_gives_the_same_bytes(optimiser: str) -> None:
    how = settings(optimiser=optimiser, augment=Augmentation(per_epoch=3, noise=0.05, elastic=1.0))
    first, second, other = (learn(network(), how, seed=seed) for seed in (1, 1, 2))
    assert state(first.model) == state(second.model) != state(other.model)
    assert first.curve == second.curve


def test_nothing_outside_is_drawn_from() -> None:
    before = torch.get_rng_state()
    model = network()
    torch.set_rng_state(before)
    learn(model, settings(augment=Augmentation(per_epoch=2)))
    assert torch.equal(torch.get_rng_state(), before)


class Killed(Exception):
    pass


class Memory:
    """A keeper that is killed after so many epochs."""

    def __init__(self, path: Path, last: int) -> None:
        self.file, self.left = StateFile(path, interval=0), last

    def load(self) -> Mapping[str, Any] | None:
        return self.file.load()

    def save(self, kept: Mapping[str, Any]) -> None:
        self.file.save(kept)
        self.left -= 1
        if not self.left:
            raise Killed


@pytest.mark.parametrize("epochs", [1, 2, 4])
@pytest.mark.parametrize("optimiser", ["rmsprop", "adam"])
def test_a_killed_training_goes_on_as_if_it_had_not_been(optimiser: str, epochs: int, tmp_path: Path) -> None:
    how = settings(
        epochs=6,
        optimiser=optimiser,
        schedule="plateau",
        patience=6,
        augment=Augmentation(per_epoch=2),
        momentum=0.0,
    )
    whole = learn(network(), how)
    with pytest.raises(Killed):
        learn(network(), how, keeper=Memory(tmp_path / "state", epochs))
    seen: list[int] = []
    again = learn(
        network(), how, keeper=StateFile(tmp_path / "state"), watch=lambda done, _all: seen.append(done)
    )
    assert seen[0] == epochs + 1
    assert state(again.model) == state(whole.model)
    assert (again.curve, again.best) == (whole.curve, whole.best)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x80\x02K\x01."])
def test_a_damaged_state_is_begun_anew(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(content)
    done = learn(network(), settings(), keeper=StateFile(path))
    assert len(done.curve) == 4


def test_the_best_epoch_counts_and_patience_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    areas = iter([0.5, 0.9, 0.7, 0.9, 0.6, 0.4])
    snapshots: list[bytes] = []
    model = network()

    def judged(_y: NDArray[np.int64], _scores: NDArray[np.float64]) -> float:
        snapshots.append(state(model))
        return next(areas)

    monkeypatch.setattr(training, "_merit", lambda point, _settings: (point.validation_auc, 0.0))
    done = learn(model, settings(epochs=50, patience=3), merit=judged)
    assert (done.best, len(done.curve)) == (2, 5)
    assert state(done.model) == snapshots[1]
    assert not done.model.training


def test_equal_areas_go_by_the_lower_loss() -> None:
    how = settings(epochs=12, patience=12)
    done = learn(network(), how, merit=lambda _y, _scores: 0.5)
    losses = [point.validation_loss for point in done.curve]
    assert done.best == 1 + int(np.argmin(np.array(losses, dtype=float)))


def test_without_validation_the_last_epoch_counts() -> None:
    done = learn(network(), settings(stop="none", validation=0.0), validation=None)
    assert done.best == 4
    assert all(point.validation_loss is None and point.validation_auc is None for point in done.curve)


def test_a_validation_of_one_class_has_no_area_and_is_judged_by_its_loss() -> None:
    held = pictures(8, seed=1)
    lone = Pictures(held.values[::2], held.classes[::2])
    done = learn(network(), settings(), validation=lone)
    assert all(point.validation_auc is None for point in done.curve)
    assert done.best == 1 + int(np.argmin([float(point.validation_loss or 0) for point in done.curve]))


def test_a_loss_that_is_not_finite_names_epoch_and_step() -> None:
    class Explodes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight, self.calls = nn.Parameter(torch.ones(1)), 0

        def forward(self, shown: Tensor) -> Tensor:
            self.calls += self.training
            huge = math.inf if self.calls == 5 else 1.0
            return shown.mean(dim=(1, 2, 3))[:, None] * self.weight * huge

    with pytest.raises(CaseError, match=r"the loss is (nan|inf) in epoch 2, step 2") as caught:
        learn(Explodes(), settings(epochs=3))
    assert "learning_rate" in caught.value.hint


def test_a_batch_that_does_not_fit_is_told_with_one_that_does() -> None:
    class Large(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(36, 1)

        def forward(self, shown: Tensor) -> Tensor:
            if len(shown) > 3:
                raise RuntimeError(
                    "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried too much"
                )
            answer: Tensor = self.linear(shown.flatten(1))
            return answer

    with pytest.raises(ConfigError, match="a batch of 12 pictures does not fit into memory") as caught:
        learn(Large(), settings(batch=12))
    assert caught.value.hint == "give batch: 3"


def test_an_error_that_is_not_of_memory_is_not_called_so() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        learn(nn.Sequential(nn.Flatten(), nn.Linear(5, 1)), settings())


def test_nothing_left_to_train() -> None:
    with pytest.raises(ConfigError, match="every layer is frozen"):
        learn(network().requires_grad_(False), settings())


def test_what_is_frozen_keeps_weights_and_statistics() -> None:
    model = network()
    for module in model[:2]:
        module.requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trainee = Trainee(model, frozen=list(model[:2]))
    train(trainee, pictures(), None, settings(stop="none", validation=0.0), seed=1, merit=merit)
    after = model.state_dict()
    for name, value in before.items():
        assert torch.equal(value, after[name]) == name.startswith(("0.", "1.")), name


def test_a_last_batch_of_one_joins_the_one_before() -> None:
    sizes: list[int] = []

    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(36, 1)

        def forward(self, shown: Tensor) -> Tensor:
            sizes.append(len(shown))
            answer: Tensor = self.linear(shown.flatten(1))
            return answer

    train(
        Trainee(Counts()),
        pictures(13),
        None,
        settings(epochs=1, stop="none", validation=0.0),
        seed=1,
        merit=merit,
    )
    assert sizes == [4, 4, 5]


def test_one_logit_and_two_logits_have_the_same_loss() -> None:
    answers, classes = torch.randn(9), torch.arange(9) % 2
    one = case_losses(answers[:, None], classes)
    two = case_losses(torch.stack([torch.zeros(9), answers], dim=1), classes)
    by_hand = torch.log1p(torch.exp(torch.where(classes == 1, -answers, answers)))
    assert torch.allclose(one, two, atol=1e-6)
    assert torch.allclose(one, by_hand, atol=1e-6)


def test_balanced_classes_weigh_the_same_in_all() -> None:
    classes = torch.tensor([0] * 9 + [1] * 3)
    weights = class_weights(classes, settings(class_weights="balanced"))
    assert weights.tolist() == pytest.approx([12 / 18, 12 / 6])
    assert weights[classes].sum().item() == pytest.approx(12)
    assert class_weights(classes, settings()).tolist() == [1, 1]


def test_penalties_are_kerass() -> None:
    weights = [torch.tensor([[1.0, -2.0]]), torch.tensor([3.0])]
    assert float(penalty(weights, 0.1, 0.01, 0.5)) == pytest.approx(0.1 * 6 + 0.01 * 14)
    assert float(penalty(weights, None, None, 0.5)) == pytest.approx(0.5 * 14)
    assert penalty(weights, None, 0.0, 0.5) == 0.0
    assert penalty([], 0.1, 0.1, 0.5) == 0.0


def test_a_penalty_moves_the_weights_by_its_gradient() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 1, bias=False))
    weight = model[1].weight
    before = weight.detach().clone()
    quiet = Pictures(torch.zeros(4, 1, 6, 6), torch.tensor([0, 1, 0, 1]))
    how = settings(epochs=1, stop="none", validation=0.0, learning_rate=0.1, l2=0.25)
    train(Trainee(model, [weight]), quiet, None, how, seed=1, merit=merit)
    assert torch.allclose(model[1].weight, before * (1 - 0.1 * 2 * 0.25), atol=1e-7)


def test_the_gradient_is_clipped() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 1, bias=False))
    before = model[1].weight.detach().clone()
    how = settings(epochs=1, stop="none", validation=0.0, learning_rate=1.0, clip=0.01, batch=12)
    train(Trainee(model), pictures(), None, how, seed=1, merit=merit)
    assert float((model[1].weight.detach() - before).norm()) == pytest.approx(0.01, rel=1e-4)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ({5: 0.1, 9: 0.01}, [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01]),
        ("cosine", [(1 + math.cos(math.pi * e / 10)) / 2 for e in range(10)]),
        ("plateau", [1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.0001]),
    ],
)
def test_the_learning_rate_of_every_epoch(schedule: Any, expected: list[float]) -> None:
    how = settings(epochs=10, schedule=schedule, learning_rate=2.0, patience=4)
    pace, optimiser = Pace(how), optimiser_of(how, [nn.Parameter(torch.ones(1))])
    rates = []
    for epoch in range(1, 11):
        rates.append(pace.set(optimiser, epoch))
        assert optimiser.param_groups[0]["lr"] == rates[-1]
        pace.learn(1.0)
    assert rates == pytest.approx([2.0 * factor for factor in expected])


def test_settings_reach_the_optimiser() -> None:
    parameters = [nn.Parameter(torch.ones(1))]
    rmsprop = optimiser_of(settings(optimiser="rmsprop", momentum=0.5, weight_decay=0.1), parameters)
    assert (
        rmsprop.defaults | {"alpha": 0.9, "eps": 1e-7, "momentum": 0.5, "weight_decay": 0.1}
        == rmsprop.defaults
    )
    assert type(optimiser_of(settings(optimiser="adamw"), parameters)).__name__ == "AdamW"


def test_scores_are_log_odds_and_test_time_augmentation_is_their_mean() -> None:
    for units in (1, 2):
        model = network(units=units).eval()
        shown = pictures(7).values
        with torch.no_grad():
            answers = model(shown).double()
            expected = answers[:, 0] if units == 1 else answers[:, 1] - answers[:, 0]
        assert np.allclose(scores(Trainee(model), shown, settings()), expected.numpy(), atol=1e-6)
    augment = Augmentation(rotations=4)
    how = settings(augment=augment, test_time=True)
    with torch.no_grad():
        each = [model(varied(shown, torch.full((7,), which), augment)).double() for which in range(12)]
    expected = torch.stack([answer[:, 1] - answer[:, 0] for answer in each]).mean(dim=0)
    assert np.allclose(scores(Trainee(model), shown, how), expected.numpy(), atol=1e-6)


def test_networks_that_answer_with_several_outputs_train_by_the_first() -> None:
    class Auxiliary(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(36, 1)

        def forward(self, shown: Tensor) -> Any:
            answer = self.linear(shown.flatten(1))
            return (answer, answer * math.nan) if self.training else answer

    assert len(learn(Auxiliary(), settings()).curve) == 4


def test_mixed_precision_trains_too() -> None:
    trainee = Trainee(network(), precision="bfloat16")
    done = train(trainee, pictures(), pictures(8, 1), settings(), seed=1, merit=merit)
    assert all(math.isfinite(point.loss) for point in done.curve)
    assert trainee.answers(pictures().values).dtype == torch.float32


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"validation": 0.0}, "give stop: none"),
        ({"schedule": {0: 0.1}}, "epochs are counted from 1 to 4"),
        ({"schedule": {9: 0.1}}, "epochs are counted from 1 to 4"),
    ],
)
def test_settings_that_do_not_go_together(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        settings(**wrong)
