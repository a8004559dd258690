"""A version of a registered model for other bytes only."""

from dataclasses import replace

import pytest

from runner.track.client import open_client
from runner.track.registry import EXECUTION, Offer, promote, register, roll_back

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


def test_the_same_bytes_are_one_version_which_says_whose_best_model_it_is_now(client, offer):
    assert register(client, offer) == register(client, offer) == "1"
    assert register(client, replace(offer, execution="2-friday")) == "1"
    (version,) = client.search_model_versions("name='sales'")
    assert version.tags[EXECUTION] == "2-friday"
    assert (version.description, client.get_registered_model("sales").description) == ("**good**", "Sales.")


def test_other_bytes_another_model_or_another_run_are_another_version(client, offer):
    register(client, offer)
    register(client, replace(offer, sha256="b" * 64))
    register(client, replace(offer, model="lightgbm"))
    register(client, replace(offer, run_id="ba9876543210"))
    assert _numbers(client) == [1, 2, 3, 4]


def test_bytes_that_come_back_after_others_are_a_new_version_since_the_newest_is_the_one_that_counts(client, offer):
    for sha256 in ("a", "b", "a"):
        number = register(client, replace(offer, sha256=sha256 * 64))
    assert number == "3"


def test_what_a_person_wrote_of_the_registered_model_stays(client, offer):
    client.create_registered_model("sales", description="ours")
    register(client, offer)
    assert client.get_registered_model("sales").description == "ours"


def test_a_promotion_adds_to_what_a_version_says_and_a_second_one_replaces_the_first(client, offer, place):
    register(client, offer)
    promote(place, "sales", offer.run_id, "blend", "it is better", "2024-03-01")
    register(client, replace(offer, sha256="b" * 64))
    promote(place, "sales", offer.run_id, "blend", "it is better still", "2024-03-02")
    roll_back(place, "sales", "2024-03-03")
    assert client.get_model_version("sales", "1").description == "**good**\n\nChampion since 2024-03-01: it is better"
    assert client.get_model_version_by_alias("sales", "champion").version in (1, "1")
