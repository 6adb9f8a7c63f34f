"""The phantom cohort: its classes differ by the stated effect, in three things, and it looks like CT on disk."""

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage, stats

from radcompare.config import Phantom
from radcompare.imaging.diameter import in_plane_diameter
from radcompare.imaging.latents import DIAMETER_MM, PROTOCOLS, Latents, phantom_latents
from radcompare.imaging.lattice import Lattice, correlated_noise, soft_edge
from radcompare.imaging.lung import AIR_FILLED, VESSEL_HU, lung
from radcompare.imaging.nodule import heterogeneity, mean_density, nodule, roughness, tissue
from radcompare.imaging.phantom import PhantomCase, phantom_case, write_cohort
from radcompare.imaging.reading import examine, read_region
from radcompare.tables.case import Case

EFFECTS = ("intensity", "texture", "shape")
MEASURED = ("mean", "spread", "roundness", "volume", "diameter")


def column(cases: list[Latents], name: str) -> NDArray[np.float64]:
    return np.array([getattr(case, name) for case in cases])


def nuisance(cases: list[Latents]) -> dict[str, NDArray[np.float64]]:
    """Every number of a case that must not follow its class."""
    found = {name: column(cases, name) for name in ("diameter", "noise", "protocol")}
    for name in ("centre", "rotation"):
        found |= {f"{name} {i}": values for i, values in enumerate(column(cases, name).T)}
    return found


def surface(mask: NDArray[np.bool_], spacing: tuple[float, ...]) -> float:
    """Area of the voxel faces between inside and outside, in mm2."""
    z, y, x = spacing
    padded = np.pad(mask, 1).astype(np.int8)
    return sum(
        float(np.abs(np.diff(padded, axis=axis)).sum()) * area
        for axis, area in enumerate((y * x, z * x, z * y))
    )


def measure(case: PhantomCase) -> dict[str, float]:
    """A few plain features, as an extractor would see them."""
    region = case.region
    inside = region.image[region.mask]
    volume = float(region.mask.sum() * np.prod(region.spacing))
    return {
        "mean": float(inside.mean()),
        "spread": float(np.log(inside.std())),
        "roundness": volume ** (2 / 3) / surface(region.mask, region.spacing),
        "volume": volume,
        "diameter": in_plane_diameter(region.mask, region.spacing),
    }


def cohort(settings: Phantom) -> list[PhantomCase]:
    return [phantom_case(settings, index) for index in range(settings.cases)]


Table = dict[str, NDArray[np.float64]]


def measured(settings: Phantom) -> Table:
    """Features of every case, and the truth."""
    drawn = cohort(settings)
    features = [measure(case) for case in drawn]
    table = {name: np.array([f[name] for f in features]) for name in MEASURED}
    return table | {name: column([c.latents for c in drawn], name) for name in (*EFFECTS, "malignant")}


def cohens_d(values: NDArray[np.float64], malignant: NDArray[np.bool_]) -> float:
    one, two = values[malignant], values[~malignant]
    return float((one.mean() - two.mean()) / np.sqrt((one.var(ddof=1) + two.var(ddof=1)) / 2))


@pytest.fixture(scope="module")
def small() -> list[PhantomCase]:
    return cohort(Phantom(cases=12, effect=1.5, seed=4))


class TestLatents:
    @pytest.mark.slow
    @pytest.mark.parametrize("effect", [0.0, 1.0, -0.5])
    @pytest.mark.parametrize("name", EFFECTS)
    def test_cohens_d_is_the_effect(self, name: str, effect: float) -> None:
        """Within four standard errors of d, sqrt(4 / n) and a little; the spread of each class is 1."""
        n = 4000
        cases = phantom_latents(Phantom(cases=n, effect=effect, seed=2))
        values, malignant = column(cases, name), column(cases, "malignant") == 1
        assert cohens_d(values, malignant) == pytest.approx(effect, abs=4 * np.sqrt(4 / n))
        assert values[malignant].std() == pytest.approx(1, abs=4 / np.sqrt(n))
        assert values[~malignant].std() == pytest.approx(1, abs=4 / np.sqrt(n))

    def test_the_three_are_independent_within_a_class(self) -> None:
        cases = [c for c in phantom_latents(Phantom(cases=4000, seed=2)) if c.malignant]
        r = np.corrcoef([column(cases, name) for name in EFFECTS])
        assert np.abs(r - np.eye(3)).max() < 4 / np.sqrt(2000)

    def test_nothing_else_follows_the_class(self) -> None:
        cases = phantom_latents(Phantom(cases=4000, effect=3.0, seed=5))
        malignant = column(cases, "malignant") == 1
        for name, values in nuisance(cases).items():
            p = stats.mannwhitneyu(values[malignant], values[~malignant]).pvalue
            assert p > 0.001, name

    def test_the_effect_shifts_the_malignant_and_leaves_the_rest(self) -> None:
        none = phantom_latents(Phantom(cases=50, effect=0.0))
        some = phantom_latents(Phantom(cases=50, effect=2.0))
        for name in EFFECTS:
            shift = column(some, name) - column(none, name)
            np.testing.assert_allclose(shift, 2.0 * column(some, "malignant"), rtol=0, atol=1e-14)
        for one, other in zip(nuisance(none).values(), nuisance(some).values(), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_a_case_does_not_depend_on_how_many_there_are(self) -> None:
        few = phantom_latents(Phantom(cases=10, effect=0.0))
        many = phantom_latents(Phantom(cases=40, effect=0.0))[:10]
        for name in EFFECTS:
            np.testing.assert_array_equal(column(few, name), column(many, name))
        for one, other in zip(nuisance(few).values(), nuisance(many).values(), strict=True):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize(("cases", "malignant"), [(4, 2), (60, 30), (61, 30)])
    def test_classes_are_balanced(self, cases: int, malignant: int) -> None:
        assert column(phantom_latents(Phantom(cases=cases)), "malignant").sum() == malignant

    def test_the_order_says_nothing(self) -> None:
        labels = column(phantom_latents(Phantom(cases=2000, seed=3)), "malignant")
        rank = stats.mannwhitneyu(np.flatnonzero(labels == 1), np.flatnonzero(labels == 0))
        alternation = np.mean(labels[1:] == labels[:-1])
        assert rank.pvalue > 0.001
        assert alternation == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(2000))

    def test_seeds_differ(self) -> None:
        one, two = (phantom_latents(Phantom(seed=seed)) for seed in (1, 2))
        assert not np.isin(column(one, "intensity"), column(two, "intensity")).any()

    def test_values_are_of_this_world(self) -> None:
        cases = phantom_latents(Phantom(cases=2000))
        low, high = DIAMETER_MM
        assert low <= column(cases, "diameter").min() < column(cases, "diameter").max() <= high
        assert 3 < column(cases, "noise").min() < column(cases, "noise").max() < 40
        assert set(column(cases, "protocol")) == set(range(len(PROTOCOLS)))
        np.testing.assert_allclose(np.linalg.norm(column(cases, "rotation"), axis=1), 1, rtol=1e-12)

    def test_names(self) -> None:
        cases = phantom_latents(Phantom(cases=1001))
        assert [cases[i].case for i in (0, 59, 1000)] == ["phantom-001", "phantom-060", "phantom-1001"]


class TestDiameter:
    def brute_force(self, mask: NDArray[np.bool_], spacing: tuple[float, float, float]) -> float:
        """Every corner of every pixel against every other, slice by slice."""
        longest = 0.0
        for plane in mask:
            corners = np.array(
                [(y + a, x + b) for y, x in np.argwhere(plane) for a, b in product((0, 1), repeat=2)]
            )
            if len(corners):
                steps = (corners[:, None] - corners[None]) * spacing[1:]
                longest = max(longest, float(np.sqrt((steps**2).sum(axis=-1)).max()))
        return longest

    @pytest.mark.parametrize("seed", range(5))
    def test_against_brute_force(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        mask = rng.random((3, 8, 9)) > 0.9
        mask[1, 4, 4] = True
        spacing = (2.0, 0.7, 1.3)
        assert in_plane_diameter(mask, spacing) == pytest.approx(self.brute_force(mask, spacing), rel=1e-12)

    def test_one_voxel_is_its_diagonal(self) -> None:
        mask = np.zeros((3, 3, 3), dtype=bool)
        mask[1, 1, 1] = True
        assert in_plane_diameter(mask, (9.0, 3.0, 4.0)) == 5.0

    def test_height_does_not_count(self) -> None:
        mask = np.zeros((9, 3, 3), dtype=bool)
        mask[:, 1, 1] = True
        assert in_plane_diameter(mask, (9.0, 3.0, 4.0)) == 5.0


class TestLattice:
    def test_positions_count_from_the_centre(self) -> None:
        points = Lattice((3, 2, 5), (2.0, 1.0, 0.5)).points()
        assert points.shape == (3, 2, 5, 3)
        np.testing.assert_allclose(points.mean(axis=(0, 1, 2)), 0, rtol=0, atol=1e-15)
        np.testing.assert_array_equal(points[0, 0, 0], [-2.0, -0.5, -1.0])
        np.testing.assert_array_equal(points[1, 1, 3], [0.0, 0.5, 0.5])

    def test_noise_has_the_stated_spread_and_grain(self) -> None:
        """A Gaussian of s mm leaves the correlation exp(-d^2 / 4 s^2) at a distance of d mm."""
        lattice = Lattice((40, 64, 64), (1.0, 0.5, 0.5))
        field = correlated_noise(lattice, 1.2, np.random.default_rng(0))
        assert field.std() == pytest.approx(1, abs=1e-12)
        for axis, step in enumerate(lattice.spacing):
            for lag in (2, 4):
                found = float((field * np.roll(field, lag, axis)).mean())
                assert found == pytest.approx(np.exp(-((lag * step) ** 2) / (4 * 1.2**2)), abs=0.06)

    def test_an_edge_is_half_at_the_surface(self) -> None:
        share = soft_edge(np.array([-10.0, -0.6, 0.0, 0.6, 10.0]))
        np.testing.assert_allclose(share, stats.norm.cdf([-10 / 0.6, -1, 0, 1, 10 / 0.6]), rtol=1e-12)


class TestTumour:
    lattice = PROTOCOLS[0]

    def draw(self, shape: float, diameter: float = 20.0, seed: int = 0) -> NDArray[np.bool_]:
        rng = np.random.default_rng(seed)
        return nodule(self.lattice, np.zeros(3), np.eye(3), diameter, shape, rng).mask

    def test_a_smooth_one_is_nearly_a_ball(self) -> None:
        """Of the three half axes none is 30 % off, and the volume is that of a ball within a third."""
        mask = self.draw(shape=-20)
        volume = float(mask.sum() * np.prod(self.lattice.spacing))
        assert volume == pytest.approx(4 / 3 * np.pi * 10**3, rel=0.33)

    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("shape", [-1.0, 0.0, 1.0, 2.0])
    def test_has_the_wanted_diameter(self, shape: float, seed: int) -> None:
        mask = self.draw(shape, 16.0, seed)
        assert in_plane_diameter(mask, self.lattice.spacing) == pytest.approx(16, abs=0.664)

    def test_roughness_grows_with_the_latent(self) -> None:
        values = [roughness(z) for z in (-3, -1, 0, 1, 3, 50)]
        assert values == sorted(values)
        assert values[2] == 0.1
        assert values[-1] == 0.5
        rounds = []
        for z in (-2.0, 0.0, 2.0):
            mask = self.draw(z)
            rounds.append(mask.sum() ** (2 / 3) / surface(mask, self.lattice.spacing))
        assert rounds == sorted(rounds, reverse=True)

    @pytest.mark.parametrize("shape", [0.0, 4.0, 30.0])
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_stays_two_voxels_off_the_border(self, protocol: Lattice, shape: float) -> None:
        for seed in range(3):
            tumour = nodule(protocol, np.full(3, 2.0), np.eye(3), 26, shape, np.random.default_rng(seed))
            assert tumour.mask.any()
            inner = tumour.mask[2:-2, 2:-2, 2:-2]
            assert inner.sum() == tumour.mask.sum()

    def test_the_mask_is_where_a_voxel_is_mostly_tumour(self) -> None:
        tumour = nodule(self.lattice, np.zeros(3), np.eye(3), 20, 0.5, np.random.default_rng(0))
        threshold = stats.norm.cdf(0.8 / 0.6)
        np.testing.assert_array_equal(tumour.mask, tumour.share > threshold)

    @pytest.mark.parametrize("intensity", [-1.0, 0.0, 2.0])
    @pytest.mark.parametrize("texture", [-1.0, 0.0, 2.0])
    def test_tissue_has_the_wanted_mean_and_spread(self, intensity: float, texture: float) -> None:
        mask = self.draw(0.0)
        inside = tissue(self.lattice, mask, intensity, texture, np.random.default_rng(0))[mask]
        assert inside.mean() == pytest.approx(mean_density(intensity), abs=1e-9)
        assert inside.std() == pytest.approx(heterogeneity(texture)[0], rel=1e-12)

    def test_the_scales_of_the_latents(self) -> None:
        assert [mean_density(z) for z in (-1, 0, 1)] == [-10, 10, 30]
        assert heterogeneity(0) == (40, 1.4)
        assert heterogeneity(1) == pytest.approx((40 * np.exp(0.3), 1.4 * np.exp(-0.1)))


def test_lung_is_aerated_with_vessels() -> None:
    image = lung(PROTOCOLS[0], np.random.default_rng(0))
    assert np.median(image) == pytest.approx(AIR_FILLED, abs=10)
    vessels = image > -400
    assert 0.001 < vessels.mean() < 0.1
    assert image[vessels].max() < VESSEL_HU + 20


class TestCases:
    def test_are_ct_like(self, small: list[PhantomCase]) -> None:
        for case in small:
            region = case.region
            assert 48 <= region.image.shape[1] == region.image.shape[2] <= 64
            assert 15 <= region.image.shape[0] <= 30
            assert region.image.min() >= -1024
            np.testing.assert_array_equal(region.image, np.rint(region.image))
            far = ~ndimage.binary_dilation(region.mask, iterations=6)
            assert np.median(region.image[far]) == pytest.approx(AIR_FILLED, abs=25)
            assert region.image[region.mask].mean() == pytest.approx(
                mean_density(case.latents.intensity), abs=25
            )

    def test_masks_are_sound(self, small: list[PhantomCase]) -> None:
        """Not at the border, in one piece, of many voxels."""
        for case in small:
            mask = case.region.mask
            assert mask[2:-2, 2:-2, 2:-2].sum() == mask.sum() >= 64
            assert ndimage.label(mask, structure=np.ones((3, 3, 3)))[1] == 1

    @pytest.mark.slow
    def test_noise_is_the_scanners(self) -> None:
        """Less noise leaves less scatter in the lung, whose own unevenness is 35 HU."""
        cases = cohort(Phantom(cases=12, effect=0.0, seed=8))
        found, expected = [], []
        for case in cases:
            quiet = case.region.image[case.region.image < -600]
            found.append(stats.median_abs_deviation(quiet, scale="normal"))
            expected.append(np.hypot(35, case.latents.noise))
        assert found == pytest.approx(expected, rel=0.1)

    def test_again_the_same(self, small: list[PhantomCase]) -> None:
        again = phantom_case(Phantom(cases=12, effect=1.5, seed=4), 5)
        assert again.latents == small[5].latents
        np.testing.assert_array_equal(again.region.image, small[5].region.image)
        np.testing.assert_array_equal(again.region.mask, small[5].region.mask)

    def test_a_benign_case_does_not_depend_on_the_effect(self, small: list[PhantomCase]) -> None:
        index = next(i for i, case in enumerate(small) if not case.latents.malignant)
        other = phantom_case(Phantom(cases=12, effect=-3.0, seed=4), index)
        np.testing.assert_array_equal(other.region.image, small[index].region.image)


class TestWriting:
    settings = Phantom(cases=4, effect=1.0, seed=9)

    @pytest.fixture
    def written(self, tmp_path: Path) -> Path:
        return write_cohort(self.settings, tmp_path / "cohort")

    def rows(self, path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    def test_gives_the_same_bytes_twice(self, tmp_path: Path, written: Path) -> None:
        again = write_cohort(self.settings, tmp_path / "again")
        files = sorted(path for path in written.parent.rglob("*") if path.is_file())
        assert len(files) == 2 * 4 + 2
        for path in files:
            assert path.read_bytes() == (again.parent / path.relative_to(written.parent)).read_bytes(), path

    def test_reads_back_as_it_was_drawn(self, written: Path) -> None:
        for index, row in enumerate(self.rows(written)):
            image, mask = written.parent / row["Image"], written.parent / row["Mask"]
            read, drawn = read_region(Case(row["ID"], image, mask)), phantom_case(self.settings, index).region
            np.testing.assert_array_equal(read.image, drawn.image)
            np.testing.assert_array_equal(read.mask, drawn.mask)
            assert (read.case, read.spacing, read.origin) == (drawn.case, drawn.spacing, drawn.origin)
            assert read.direction == drawn.direction
            assert examine(Case(row["ID"], image, mask))[0] == []

    def test_the_cohort_file(self, written: Path) -> None:
        rows = self.rows(written)
        assert written.name == "cohort.csv"
        assert list(rows[0]) == ["ID", "Image", "Mask", "patient_id", "malignant", "diameter_mm"]
        assert rows[0]["Image"] == "image/phantom-001.nii.gz"
        assert rows[0]["Mask"] == "mask/phantom-001.nii.gz"
        assert len({row["patient_id"] for row in rows}) == 4
        for row, truth in zip(rows, phantom_latents(self.settings), strict=True):
            assert (row["ID"], row["malignant"]) == (truth.case, str(truth.malignant))
            assert float(row["diameter_mm"]) == pytest.approx(truth.diameter, abs=0.8)

    def test_the_truth_beside_it(self, written: Path) -> None:
        rows = self.rows(written.with_name("latents.csv"))
        for row, truth in zip(rows, phantom_latents(self.settings), strict=True):
            assert (row["ID"], row["class"]) == (truth.case, str(truth.malignant))
            for name in EFFECTS:
                assert float(row[name]) == pytest.approx(getattr(truth, name), abs=5e-7)
            assert float(row["diameter_mm"]) == pytest.approx(truth.diameter, abs=5e-7)
            assert float(row["noise_hu"]) == pytest.approx(truth.noise, abs=5e-7)
            assert float(row["slice_mm"]) == PROTOCOLS[truth.protocol].spacing[0]


@pytest.fixture(scope="module")
def table() -> Table:
    return measured(Phantom(cases=80, effect=1.0, seed=2))


@pytest.mark.slow
class TestMeasured:
    @pytest.mark.parametrize(
        ("latent", "feature", "correlation"),
        [("intensity", "mean", 0.98), ("texture", "spread", 0.97), ("shape", "roundness", -0.75)],
    )
    def test_each_latent_is_visible(
        self, table: Table, latent: str, feature: str, correlation: float
    ) -> None:
        r = np.corrcoef(table[latent], table[feature])[0, 1]
        assert r * np.sign(correlation) > abs(correlation)

    @pytest.mark.parametrize(
        ("latent", "feature", "sign", "lost"),
        [("intensity", "mean", 1, 0.1), ("texture", "spread", 1, 0.1), ("shape", "roundness", -1, 0.4)],
    )
    def test_the_classes_differ_in_it(
        self, table: Table, latent: str, feature: str, sign: int, lost: float
    ) -> None:
        """Measuring adds scatter, so of the difference in the latent a little may be lost."""
        malignant = table["malignant"] == 1
        drawn = cohens_d(table[latent], malignant)
        assert sign * cohens_d(table[feature], malignant) == pytest.approx(drawn, abs=lost)
        assert stats.ttest_ind(table[feature][malignant], table[feature][~malignant]).pvalue < 0.001

    def test_size_tells_nothing(self, table: Table) -> None:
        malignant = table["malignant"] == 1
        for name in ("diameter", "volume"):
            assert stats.mannwhitneyu(table[name][malignant], table[name][~malignant]).pvalue > 0.001

    def test_three_plain_features_tell_the_classes_apart(self, table: Table) -> None:
        """Leave-one-out linear discriminant: perfect measurement would give an AUC of 0.89 on average."""
        y = table["malignant"] == 1
        x = np.column_stack([table[name] for name in ("mean", "spread", "roundness")])
        scores = np.array([discriminant(np.delete(x, i, 0), np.delete(y, i), x[i]) for i in range(len(y))])
        auc = stats.mannwhitneyu(scores[y], scores[~y]).statistic / (y.sum() * (~y).sum())
        assert 0.8 < auc < 0.97

    def test_without_effect_nothing_differs(self) -> None:
        table = measured(Phantom(cases=40, effect=0.0, seed=1))
        malignant = table["malignant"] == 1
        for name in MEASURED:
            p = stats.mannwhitneyu(table[name][malignant], table[name][~malignant]).pvalue
            assert p > 0.001, name


def discriminant(x: NDArray[np.float64], y: NDArray[np.bool_], case: NDArray[np.float64]) -> float:
    """Fisher's linear discriminant of a case, trained on the others."""
    centre = (x[y].mean(axis=0) + x[~y].mean(axis=0)) / 2
    within = np.cov(x[y], rowvar=False) + np.cov(x[~y], rowvar=False)
    return float((case - centre) @ np.linalg.solve(within, x[y].mean(axis=0) - x[~y].mean(axis=0)))
