"""A version of a registered model for other bytes only."""

from dataclasses import replace

import pytest
from mlflow import MlflowClient

from runner.errors import UsageError
from runner.track.client import open_client
from runner.track.registry import Move, Offer, promote, register, roll_back
from runner.track.tags import EXECUTION

OFFER = Offer("sales", "blend", "a" * 64, "0123456789ab", "1-monday", "", "file:///nowhere/model", "**good**", "Sales.")


@pytest.fixture
def client(place):
    return open_client(place)


@pytest.fixture
def offer(client):
    run = client.create_run("0", tags={"model_name": "blend"})
    return replace(OFFER, run=run.info.run_id)


def _numbers(client):
    return sorted(int(version.version) for version in client.search_model_versions("name='sales'"))


def test_same_bytes_are_one_version(client, offer):
    assert register(client, offer) == register(client, offer) == "1"
    assert register(client, replace(offer, execution="2-friday")) == "1"
    (version,) = client.search_model_versions("name='sales'")
    assert version.tags[EXECUTION] == "2-friday"
    assert (version.description, client.get_registered_model("sales").description) == ("**good**", "Sales.")


def test_other_bytes_model_or_run_are_new_version(client, offer):
    register(client, offer)
    register(client, replace(offer, sha256="b" * 64))
    register(client, replace(offer, model="lightgbm"))
    register(client, replace(offer, run_id="ba9876543210"))
    assert _numbers(client) == [1, 2, 3, 4]


def test_returning_bytes_are_a_new_version(client, offer):
    for sha256 in ("a", "b", "a"):
        number = register(client, replace(offer, sha256=sha256 * 64))
    assert number == "3"


def test_description_by_a_person_stays(client, offer):
    client.create_registered_model("sales", description="ours")
    register(client, offer)
    assert client.get_registered_model("sales").description == "ours"


def test_second_promotion_replaces_the_first_note(client, offer, place):
    register(client, offer)
    promote(place, "sales", offer.run_id, "blend", "it is better", "2024-03-01")
    register(client, replace(offer, sha256="b" * 64))
    promote(place, "sales", offer.run_id, "blend", "it is better still", "2024-03-02")
    roll_back(place, "sales", "2024-03-03")
    assert client.get_model_version("sales", "1").description == "**good**\n\nChampion since 2024-03-01: it is better"
    assert client.get_model_version_by_alias("sales", "champion").version in (1, "1")


class _Killed(BaseException):
    """What nothing catches, as nothing catches SIGKILL."""


@pytest.fixture
def champions(client, offer, place):
    """Three versions, of which the second is champion over the first."""
    for sha256 in "ab":
        register(client, replace(offer, sha256=sha256 * 64))
        promote(place, "sales", offer.run_id, "blend", "it is better", "2024-03-01")
    register(client, replace(offer, sha256="c" * 64))
    return offer


def _killed_after(monkeypatch, moves, act):
    """Do it, and be killed when so many aliases have moved."""
    left = list(range(moves))

    def dying(move):
        def call(*arguments):
            if not left:
                raise _Killed
            left.pop()
            return move(*arguments)

        return call

    with monkeypatch.context() as patch:
        for name in ("set_registered_model_alias", "delete_registered_model_alias"):
            patch.setattr(MlflowClient, name, dying(getattr(MlflowClient, name)))
        with pytest.raises(_Killed):
            act()


def _aliases(client):
    return {name: str(version) for name, version in client.get_registered_model("sales").aliases.items()}


def test_killed_promotion_is_completed_by_the_next(client, champions, place, monkeypatch):
    def promotion():
        return promote(place, "sales", champions.run_id, "blend", "it is best", "2024-03-02")

    _killed_after(monkeypatch, 1, promotion)
    assert _aliases(client) == {"previous": "2", "champion": "2"}
    assert "Champion since" not in client.get_model_version("sales", "3").description
    assert promotion() == Move("sales", "2", "3")
    assert _aliases(client) == {"previous": "2", "champion": "3"}
    assert "Champion since 2024-03-02: it is best" in client.get_model_version("sales", "3").description


def test_rollback_after_killed_promotion_restores_predecessor(client, champions, place, monkeypatch):
    _killed_after(
        monkeypatch, 1, lambda: promote(place, "sales", champions.run_id, "blend", "it is best", "2024-03-02")
    )
    assert roll_back(place, "sales", "2024-03-03") == Move("sales", "2", "1")
    assert _aliases(client) == {"champion": "1"}
    with pytest.raises(UsageError, match="version 1 is the first champion"):
        roll_back(place, "sales", "2024-03-04")


def test_killed_rollback_repeated_goes_one_step(client, champions, place, monkeypatch):
    promote(place, "sales", champions.run_id, "blend", "it is best", "2024-03-02")
    for before, after, left in (("3", "2", {"previous": "1", "champion": "2"}), ("2", "1", {"champion": "1"})):
        _killed_after(monkeypatch, 1, lambda: roll_back(place, "sales", "2024-03-03"))
        assert _aliases(client)["champion"] == before
        assert roll_back(place, "sales", "2024-03-03") == Move("sales", before, after)
        assert _aliases(client) == left
        assert "run_spec.rolled_back" not in client.get_model_version("sales", after).tags
