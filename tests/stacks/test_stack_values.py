"""Single configuration values: what is taken, how it is cleaned, what is refused."""

import pytest

from stacks import values


@pytest.mark.parametrize("text", ["hour", " HOUR ", "Hour"])
def test_a_choice_is_compared_without_case_and_spelled_as_azure_does(text: str) -> None:
    assert values.one_of(text, values.INTERVAL_RANGES) == "Hour"


@pytest.mark.parametrize("text", ["1", 1, " 12 "])
def test_a_whole_number_comes_as_text_or_number(text: object) -> None:
    assert values.whole_number(text, 1, 12) == int(str(text))


@pytest.mark.parametrize("text", ["0", "13", "1.5", "1e1", "", "one", "-1", "١", True, None, "9" * 5000])
def test_no_other_number_is_taken(text: object) -> None:
    with pytest.raises(ValueError, match="a whole number from 1 to 12"):
        values.whole_number(text, 1, 12)


@pytest.mark.parametrize(("given", "region"), [("West Europe", "westeurope"), ("eastus2", "eastus2")])
def test_a_region_is_its_short_name(given: str, region: str) -> None:
    assert values.region(given) == region


@pytest.mark.parametrize("given", ["", "west_europe", "1west", "west/europe", "weśt"])
def test_no_other_region_is_taken(given: str) -> None:
    with pytest.raises(ValueError, match="az account list-locations"):
        values.region(given)


@pytest.mark.parametrize("name", ["MarketplaceLeads", "abc", "a" + "1" * 62])
def test_table_names_of_azure_are_taken(name: str) -> None:
    assert values.table_name(name) == name


@pytest.mark.parametrize("name", ["", "ab", "1leads", "lead-table", "lead_table", "Tables", "a" * 64, "a'b", "läd"])
def test_other_table_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="3 to 63 letters and digits"):
        values.table_name(name)


@pytest.mark.parametrize("text", ["a@b.co", "first.last+tag@sub.contoso.com", "o'neill@contoso.com".replace("'", "")])
def test_addresses_are_taken(text: str) -> None:
    assert values.address(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "a@@b.co", "a b@c.de", "<a@b.co>", "Ann <a@b.co>", "a@b.co\nBcc: x@y.zz", "a@-b.co", "a@b..co"],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"sales@contoso\.com"):
        values.address(text)


@pytest.mark.parametrize(
    "given",
    ["a@b.co; c@d.org", "a@b.co,c@d.org;", '["a@b.co", "c@d.org"]', ["a@b.co", "c@d.org"], "a@b.co;A@B.co; c@d.org"],
)
def test_addresses_come_as_list_or_text_and_are_kept_once(given: object) -> None:
    assert values.addresses(given) == ("a@b.co", "c@d.org")


def test_the_wrong_one_of_several_addresses_is_named() -> None:
    with pytest.raises(ValueError, match=r"'d\.org' is none"):
        values.addresses("a@b.co; d.org")


@pytest.mark.parametrize("given", ["", "[]", [], " ; "])
def test_there_may_be_no_address(given: object) -> None:
    assert values.addresses(given) == ()


@pytest.mark.parametrize("given", ['{"a": 1}', '[["a@b.co"]]', "[null]"])
def test_structures_are_no_addresses(given: str) -> None:
    with pytest.raises(ValueError, match=r"list of texts|none"):
        values.addresses(given)


@pytest.mark.parametrize(
    "given", ["team = sales; costCenter=42", '["team=sales", "costCenter=42"]', '{"team": "sales", "costCenter": "42"}']
)
def test_tags_come_as_text_list_or_map(given: str) -> None:
    assert values.tags(given) == {"team": "sales", "costCenter": "42"}


def test_a_tag_may_be_empty_and_hold_an_equals_sign() -> None:
    assert values.tags("a=;b=c=d") == {"a": "", "b": "c=d"}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("team", "missing"),
        ("=sales", "missing"),
        ("a/b=c", "a name has none of"),
        ("microsoftThing=c", "does not begin with"),
        ("a=1;A=2", "twice"),
        ("a" * 129 + "=1", "128 characters"),
        ("a=" + "1" * 257, "256"),
    ],
)
def test_tags_that_azure_refuses_are_refused(given: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        values.tags(given)


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "x" * 256, "tab\there"])
def test_a_subject_is_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        values.subject_line(text)


@pytest.mark.parametrize("text", ["", "https://smtp.contoso.com", "smtp.contoso.com:25", "a b", "a..b", "-a"])
def test_a_host_is_a_bare_name(text: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        values.host_name(text)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), (True, True)])
def test_a_switch_is_true_or_false(text: object, value: bool) -> None:
    assert values.switch(text) is value


@pytest.mark.parametrize("text", ["yes", "1", "", None])
def test_nothing_else_is_a_switch(text: object) -> None:
    with pytest.raises(ValueError, match="true or false"):
        values.switch(text)
