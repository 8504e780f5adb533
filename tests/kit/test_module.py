"""The order in which modules start, and what refuses to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.module import Module, ModuleCycleError, start_order


def _names(*modules: Module) -> list[str]:
    return [module.name for module in start_order(modules)]


def test_each_module_comes_after_all_it_needs() -> None:
    ai = Module(name="ai", needs=("chat", "charts"))
    chat = Module(name="chat", needs=("auth",))
    charts = Module(name="charts")
    auth = Module(name="auth")
    order = _names(ai, chat, charts, auth)
    assert sorted(order) == ["ai", "auth", "charts", "chat"]
    assert order.index("auth") < order.index("chat") < order.index("ai")
    assert order.index("charts") < order.index("ai")


@given(st.data())
def test_any_graph_without_a_circle_starts_in_order(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    modules = [
        Module(
            name=f"m{i}",
            needs=tuple(f"m{j}" for j in sorted(data.draw(st.sets(st.integers(0, i - 1)))) if i) if i else (),
        )
        for i in range(count)
    ]
    order = start_order(data.draw(st.permutations(modules)))
    position = {module.name: place for place, module in enumerate(order)}
    assert len(position) == count
    assert all(position[need] < position[module.name] for module in modules for need in module.needs)


def test_a_circle_is_refused_and_named() -> None:
    with pytest.raises(ModuleCycleError) as refused:
        start_order([Module(name="a", needs=("b",)), Module(name="b", needs=("c",)), Module(name="c", needs=("a",))])
    assert {"a", "b", "c"} <= set(str(refused.value).replace(" ", "").split(":")[1].split("->"))


def test_a_module_that_needs_itself_is_a_circle() -> None:
    with pytest.raises(ModuleCycleError):
        start_order([Module(name="a", needs=("a",))])


def test_a_need_that_nobody_meets_is_named() -> None:
    with pytest.raises(LookupError, match="ai needs charts, which is not among"):
        start_order([Module(name="ai", needs=("charts",))])


def test_two_modules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two modules named chat"):
        start_order([Module(name="chat"), Module(name="chat")])


async def test_a_module_without_start_or_stop_does_nothing() -> None:
    module = Module(name="quiet")
    await module.start()
    await module.stop()
    assert (module.router, module.facade, dict(module.handlers), dict(module.topics)) == (None, None, {}, {})
