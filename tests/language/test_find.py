"""What is typed for a spec is a path or a name, and a near miss gets the closest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import UsageError
from runner.language.find import find_spec


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "specs" / "_shared").mkdir(parents=True)
    for file, text in {
        "shop.yaml": "version: 1\nname: shop_sales\n",
        "bike.yml": "extends: [_shared/base.yaml]\n",
        "_shared/base.yaml": "name: bike_rentals\n",
        "torn.yaml": "name: [\n",
        "one.yaml": "name: twice\n",
        "two.yaml": "name: twice\n",
    }.items():
        (tmp_path / "specs" / file).write_text(text)
    return tmp_path


def test_a_file_is_itself_wherever_it_lies(project: Path) -> None:
    assert find_spec("specs/shop.yaml") == Path("specs/shop.yaml")
    (project / "shop_sales").touch()
    assert find_spec("shop_sales") == Path("shop_sales"), "a file comes before a name"


def test_find_inherited_name_in_subfolder_returns_spec(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_spec("shop_sales") == Path("specs/shop.yaml")
    assert find_spec(Path("bike_rentals")) == Path("specs/bike.yml")
    monkeypatch.chdir(project / "specs" / "_shared")
    assert find_spec("shop_sales") == Path("../shop.yaml")


@pytest.mark.parametrize(
    ("typed", "ending"),
    [
        ("shop_sale", "no spec of that name, and no such file; did you mean `shop_sales`?"),
        ("shop", "no spec of that name, and no such file; did you mean `specs/shop.yaml`?"),
        ("specs/shp.yaml", "no such file; did you mean `specs/shop.yaml`?"),
        ("qqq", "no spec of that name, and no such file"),
        ("specs", "this is a folder; name a spec in it"),
        ("twice", "specs/one.yaml and specs/two.yaml have this name; say which file"),
        ("x" * 5000, "no such file"),
        ("a\0b", "no such file"),
    ],
)
def test_find_unknown_name_suggests_closest(project: Path, typed: str, ending: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_spec(typed)
    assert str(caught.value).startswith(typed)
    assert str(caught.value).endswith(ending)


def test_a_hidden_file_is_no_spec(project: Path) -> None:
    (project / "specs" / ".pasted-1.yaml").write_text("version: 1\nname: pasted\n")
    with pytest.raises(UsageError, match="there is no spec of that name"):
        find_spec("pasted")
