"""Licences that are none, that forbid, and that do not go together."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("licence", "mend"),
    [
        ("CC BY-SA 4.0", "perhaps CC-BY-SA-4.0"),
        ("Apache 2.0 License", "perhaps Apache-2.0"),
        ("free for all", "such as Apache-2.0"),
        ("(" * 500, "such as"),
    ],
)
def test_what_is_no_spdx_expression(offer: Any, licence: str, mend: str) -> None:
    offer.declare(licence=licence)
    found = offer.findings()["licence"]
    assert found.verdict == "failed"
    assert mend in found.mend
    assert found.where.startswith("contribution.yaml:")


@pytest.mark.parametrize(
    "licence", ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "LicenseRef-own"]
)
def test_terms_for_a_steward(offer: Any, licence: str) -> None:
    offer.declare(licence=licence)
    assert offer.findings()["licence"].verdict == "warned"


@pytest.mark.parametrize(
    ("weights", "data", "verdict"),
    [
        ("Apache-2.0", "CC-BY-SA-4.0", "warned"),
        ("MIT", "CDLA-Sharing-1.0", "warned"),
        ("MIT", "GPL-3.0-or-later", "warned"),
        ("MIT", "CC-BY-NC-4.0", "warned"),
        ("MIT", "MIT AND CC-BY-SA-3.0", "warned"),
        ("MIT", "some licence", "warned"),
        ("MIT", "MIT OR GPL-3.0-only", "passed"),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0", "passed"),
        ("MIT OR Apache-2.0", "CC-BY-4.0", "passed"),
    ],
)
def test_what_goes_together(offer: Any, weights: str, data: str, verdict: str) -> None:
    offer.declare(licence=weights, data=[{"name": "a", "licence": data}])
    found = offer.findings()["licence"]
    assert found.verdict == verdict
    assert (data in found.said and "weights" in found.said) or verdict == "passed" or " " in data


def test_an_adapter_learned_from_something(offer: Any) -> None:
    offer.declare(data=None)
    found = offer.findings()["licence"]
    assert found.verdict == "warned"
    assert "what the adapter learned from" in found.said
