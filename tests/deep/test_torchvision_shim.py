"""torchvision is imported in one place, whether or not its operators fit torch."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from radcompare.deep import torchvision_shim

PACKAGE = Path(torchvision_shim.__file__).parents[1]
FAILS_WITHOUT_OPERATORS = """
import torchvision.left_behind
import torch
for name in ("torchvision::nms", "torchvision::qnms"):
    torch._C._dispatch_has_kernel_for_dispatch_key(name, "Meta")
__version__ = "of the test"
"""


def python(code: str, search: Path | None = None) -> str:
    environment = os.environ | ({"PYTHONPATH": f"{search}{os.pathsep}{PACKAGE.parent}"} if search else {})
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_other_module_imports_torchvision() -> None:
    pattern = re.compile(r"^\s*(import|from)\s+torchvision\b", re.MULTILINE)
    assert [path.name for path in PACKAGE.rglob("*.py") if pattern.search(path.read_text())] == []


@pytest.mark.slow
def test_missing_operators_are_declared_and_the_import_repeated(tmp_path: Path) -> None:
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(FAILS_WITHOUT_OPERATORS)
    (package / "left_behind.py").write_text("import sys; package = sys.modules['torchvision']")
    code = "from radcompare.deep.torchvision_shim import import_torchvision as load;"
    assert (
        python(code + "print(load().__version__, load().left_behind.package is load())", tmp_path)
        == "of the test True"
    )


@pytest.mark.slow
def test_the_installed_torchvision_can_be_imported_in_a_fresh_process() -> None:
    code = "from radcompare.deep.torchvision_shim import import_torchvision as load;"
    assert python(code + "print(load().models.get_model('alexnet').features[0].out_channels)") == "64"


def test_other_failures_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise RuntimeError("CUDA versions differ")

    monkeypatch.setattr(torchvision_shim, "import_module", broken)
    with pytest.raises(RuntimeError, match="CUDA versions differ"):
        torchvision_shim.import_torchvision()


def test_nothing_is_declared_where_the_import_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_shim, "import_module", lambda _: torch)
    monkeypatch.setattr(torchvision_shim, "_declare_operators", lambda: pytest.fail("declared"))
    assert torchvision_shim.import_torchvision() is torch
