"""Names that are hard on figures."""

import pytest

NASTY = ("<script>", "_hidden $x^2$ & co", "$\\frac{", "../肺结节 öß", 'a "quoted"', "esc\x1b[2J")


@pytest.fixture(params=NASTY)
def nasty_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name
