"""Plans and features: what an organisation may have, changed by its admins while everything runs."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

PlanName = Literal["free", "pro", "desk"]
PLAN_NAMES: tuple[str, ...] = get_args(PlanName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan's quotas: people in the organisation, guests, and what one person may have at once."""

    name: str
    seats: int
    guests: int
    sessions: int
    api_keys: int
    features: frozenset[str]


# What each feature lets people do. A feature that is off takes these permissions from every role.
FEATURES: dict[str, frozenset[str]] = {
    "invitations": frozenset({"auth:invitation:manage"}),
    "guests": frozenset(),
    "api_keys": frozenset({"auth:api_key:manage"}),
    "model_server": frozenset({"ai:model_server:manage"}),
    "replay": frozenset({"charts:replay:control"}),
}

PLANS: dict[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan(
            name="free",
            seats=3,
            guests=0,
            sessions=3,
            api_keys=1,
            features=frozenset({"invitations", "api_keys", "replay"}),
        ),
        Plan(name="pro", seats=25, guests=10, sessions=10, api_keys=10, features=frozenset(FEATURES)),
        Plan(name="desk", seats=1_000, guests=200, sessions=20, api_keys=50, features=frozenset(FEATURES)),
    )
}


def plan_of(name: str) -> Plan:
    """Return a plan; an unknown name, from a newer version, counts as the smallest."""
    return PLANS.get(name, PLANS["free"])


def has_feature(plan: str, flags: dict[str, Any], feature: str) -> bool:
    """Say whether a feature is on: as an admin switched it, else as the plan has it."""
    return bool(flags.get(feature, feature in plan_of(plan).features))


def withheld(plan: str, flags: dict[str, Any]) -> frozenset[str]:
    """Return the permissions that switched-off features take from every role."""
    off = (scopes for feature, scopes in FEATURES.items() if not has_feature(plan, flags, feature))
    return frozenset().union(*off)
