"""The menu: every name leads to something that can be called and says what it is; reading the names is light."""

import re
import subprocess
import sys

import pytest

from radcompare import registry
from radcompare.errors import UnknownNameError

ENTRIES = [(kind, name) for kind in registry.MENUS for name in registry.names(kind)]


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_every_name_leads_to_something_with_a_first_line(kind: str, name: str) -> None:
    found = registry.load(kind, name)
    assert callable(found)
    first_line = (found.__doc__ or "").strip().partition("\n")[0]
    assert first_line.endswith(".")


def test_names_are_fit_for_yaml_and_the_command_line() -> None:
    assert all(re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", name) for _, name in ENTRIES)


def test_a_name_is_on_one_menu_only() -> None:
    names = [name for _, name in ENTRIES]
    assert len(set(names)) == len(names)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        registry.load("classifier", "random-forrest")
    assert caught.value.message == "unknown classifier 'random-forrest'; did you mean 'random-forest'?"
    assert "naive-bayes, naive-bayes-weka, knn" in caught.value.hint


def test_reading_the_names_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'pandas', 'torch', 'pydantic'}"
    code = f"import sys, radcompare.registry; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
