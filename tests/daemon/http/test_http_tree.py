"""The tree of OSCQuery nodes, without a network."""

import pytest
import trio

from daemon.http.mirror import Mirror
from daemon.http.oscquery import Tree


@pytest.fixture
def mirror():
    """It asks trio for the time."""

    async def made():
        return Mirror()

    return trio.run(made)


def test_an_address_nobody_announced_becomes_a_node_when_something_is_told_on_it(mirror):
    tree = Tree(mirror, ("waltz",))
    assert "/sideman/news/of/the/day" not in tree
    mirror.told["/sideman/news/of/the/day"] = ("rain", 0.5, 3)
    tree.meet("/sideman/news/of/the/day", ("rain", 0.5, 3))
    node = tree.node("/sideman/news/of/the/day")
    assert (node["TYPE"], node["ACCESS"], node["VALUE"]) == ("sfi", 1, ["rain", 0.5, 3])
    assert "of" in tree.node("/sideman/news")["CONTENTS"]


def test_the_styles_that_there_are_are_the_range_of_the_style(mirror):
    assert Tree(mirror, ("waltz", "reggae")).node("/sideman/style")["RANGE"] == [{"VALS": ["waltz", "reggae"]}]
