"""The breaker by itself, on a clock that is moved."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.outgoing.breaker import Breaker, Limits, RestingError, State
from outcry.adapters.outgoing.destinations import RetryBudget

LIMITS = Limits(window_s=60, least=5, share=0.5, rest_s=10, longest_rest_s=40)
LONGEST = 1.25  # of a rest, with its random part


@dataclass
class Bench:
    """A breaker, its clock, and what it told."""

    time: float = 1_000.0
    told: list[State] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.breaker = Breaker(now=lambda: self.time, limits=LIMITS, on_change=self.told.append)

    def call(self, *, ok: bool) -> None:
        ticket = self.breaker.admit()
        ticket.succeed() if ok else ticket.fail()

    def fail(self, times: int) -> None:
        for _ in range(times):
            self.call(ok=False)


def opened() -> Bench:
    bench = Bench()
    bench.fail(5)
    assert bench.breaker.state == "open"
    return bench


def test_few_failures_open_nothing() -> None:
    bench = Bench()
    bench.fail(4)
    assert (bench.breaker.state, bench.told) == ("closed", [])


def test_a_share_of_failures_opens_it() -> None:
    bench = Bench()
    for _ in range(10):
        bench.call(ok=True)
    bench.fail(9)
    assert bench.breaker.state == "closed"
    bench.fail(1)
    assert (bench.breaker.state, bench.told) == ("open", ["open"])
    with pytest.raises(RestingError) as caught:
        bench.breaker.admit()
    assert LIMITS.rest_s <= caught.value.wait_s <= LIMITS.rest_s * LONGEST
    assert not caught.value.asked


def test_old_failures_are_forgotten() -> None:
    bench = Bench()
    bench.fail(4)
    bench.time += LIMITS.window_s + 1
    bench.fail(4)
    assert bench.breaker.state == "closed"


def test_one_probe_closes_it() -> None:
    bench = opened()
    bench.time += LIMITS.rest_s * LONGEST
    assert str(bench.breaker.state) == "half-open"
    probe = bench.breaker.admit()
    with pytest.raises(RestingError):
        bench.breaker.admit()
    probe.succeed()
    assert (bench.breaker.state, bench.told) == ("closed", ["open", "closed"])
    bench.fail(3)
    assert bench.told == ["open", "closed"]  # what failed before counts no more


def test_each_probe_that_fails_doubles_the_rest_up_to_a_limit() -> None:
    bench = opened()
    waits = []
    for _ in range(4):
        bench.time += bench.breaker.wait_s
        bench.call(ok=False)
        waits.append(bench.breaker.wait_s)
    for wait, rest in zip(waits, (20, 40, 40, 40), strict=True):
        assert rest <= wait <= rest * LONGEST
    bench.time += bench.breaker.wait_s
    bench.call(ok=True)
    bench.fail(4)
    assert bench.breaker.wait_s <= LIMITS.rest_s * LONGEST  # after a recovery it begins anew


def test_a_probe_that_was_never_made_gives_its_place_to_another() -> None:
    bench = opened()
    bench.time += bench.breaker.wait_s
    bench.breaker.admit().release()
    bench.call(ok=True)
    assert bench.breaker.state == "closed"


def test_a_probe_whose_end_nobody_tells_is_given_up() -> None:
    bench = opened()
    bench.time += bench.breaker.wait_s
    lost = bench.breaker.admit()
    bench.time += 121
    bench.call(ok=True)
    lost.fail()  # too late to say anything
    assert bench.breaker.state == "closed"


def test_what_began_before_it_opened_says_nothing_after() -> None:
    bench = Bench()
    slow, slower = bench.breaker.admit(), bench.breaker.admit()
    bench.fail(5)
    slow.succeed()
    slower.fail()
    assert (bench.breaker.state, bench.told) == ("open", ["open"])


def test_a_success_may_turn_into_a_failure_and_counts_once() -> None:
    bench = Bench()
    for _ in range(5):
        ticket = bench.breaker.admit()
        ticket.succeed()
        ticket.succeed()
        ticket.fail()
        ticket.fail()
    assert bench.told == ["open"]


def test_a_release_after_the_end_changes_nothing() -> None:
    bench = opened()
    bench.time += bench.breaker.wait_s
    probe = bench.breaker.admit()
    probe.fail()
    probe.release()
    assert bench.breaker.state == "open"


def test_who_asks_to_wait_is_left_alone_but_not_for_ever() -> None:
    bench = Bench()
    bench.breaker.hold(30)
    with pytest.raises(RestingError) as caught:
        bench.breaker.admit()
    assert (caught.value.wait_s, caught.value.asked) == (30, True)
    bench.time += 30
    bench.call(ok=True)
    bench.breaker.hold(10**9)
    assert bench.breaker.wait_s == 300


def test_somebody_who_wants_to_know_now_need_not_wait_for_the_rest() -> None:
    bench = opened()
    bench.breaker.try_now()
    bench.call(ok=True)
    assert bench.breaker.state == "closed"


@given(st.lists(st.sampled_from(["admit", "succeed", "fail", "release", "wait", "hold", "try"]), max_size=80))
def test_whatever_happens_at_most_one_probe_is_under_way_and_it_always_comes_back(steps: list[str]) -> None:
    bench = Bench()
    under_way = []
    for step in steps:
        if step == "admit":
            half_open = bench.breaker.state == "half-open"
            try:
                ticket = bench.breaker.admit()
            except RestingError:
                continue
            assert ticket.probe is half_open
            under_way.append(ticket)
        elif step in ("succeed", "fail", "release") and under_way:
            getattr(under_way.pop(0), step)()
        elif step == "wait":
            bench.time += 7
        elif step == "hold":
            bench.breaker.hold(3)
        elif step == "try":
            bench.breaker.try_now()
        assert "closed, closed" not in ", ".join(bench.told)
    bench.time += 1_000
    bench.call(ok=True)
    assert bench.breaker.state == "closed"


@pytest.mark.parametrize("calls", [10, 1_000])
def test_at_most_a_tenth_of_calls_are_retries_and_one_more(calls: int) -> None:
    budget, taken = RetryBudget(), 0
    for _ in range(calls):
        budget.note_call()
        while budget.take():
            taken += 1
    assert taken == calls // 10 + 1


def test_a_quiet_time_saves_up_few_retries() -> None:
    budget = RetryBudget()
    for _ in range(10_000):
        budget.note_call()
    assert sum(budget.take() for _ in range(100)) == 10
