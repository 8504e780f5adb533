"""What each role may do in a room."""

from dataclasses import dataclass

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.services.chat.rights import HOLDERS, ROLES, Right, holds, outranks, require


@dataclass
class Member:
    """Somebody with a role."""

    role: str


# A letter for each role that may: Owner, moDerator, Member; a reader has no right but to read.
TABLE = {
    Right.POST: "ODM",
    Right.REACT: "ODM",
    Right.PIN: "ODM",
    Right.NAME: "ODM",
    Right.INVITE: "ODM",
    Right.LINK: "OD",
    Right.MODERATE: "OD",
    Right.MANAGE: "O",
}
LETTERS = dict(zip(ROLES, "ODMR", strict=True))


@pytest.mark.parametrize("right", Right)
def test_each_right_is_held_by_the_roles_of_the_table(right: Right) -> None:
    assert "".join(letter for role, letter in LETTERS.items() if holds(Member(role), right)) == TABLE[right]
    for role, letter in LETTERS.items():
        if letter not in TABLE[right]:
            with pytest.raises(ForbiddenError):
                require(Member(role), right)
        else:
            require(Member(role), right)


@pytest.mark.parametrize("right", Right)
def test_a_role_that_nobody_knows_has_no_right(right: Right) -> None:
    assert not holds(Member("emperor"), right)
    assert set(HOLDERS[right]) <= set(ROLES)


def test_only_who_stands_above_takes_somebody_out() -> None:
    above = [(one, other) for one in ROLES for other in ROLES if outranks(Member(one), Member(other))]
    assert above == [(one, other) for place, one in enumerate(ROLES) for other in ROLES[place + 1 :]]
