"""Links in messages are shown with what is there: looked at once, by us, and gone with the message."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from outcry.kit.errors import ForbiddenError, NotFoundError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message, Room
from outcry.services.chat.previews.contracts import LinkPreview, PreviewPicture
from outcry.services.chat.previews.models import PageRow, UseRow, WishRow
from outcry.services.chat.previews.visits import picture_key
from outcry.services.chat.previews.worker import EMPTY_FOR, FRESH_FOR, GIVEN_UP_AFTER, MOST_A_HOST
from tests.adapters_support.web_server import Reply
from tests.services.chat.conftest import Desk
from tests.services.chat.linking import Site, photograph
from tests.services.chat.test_erasure import shared

HEAD = (
    '<title>ignored</title><meta property="og:title" content="Bund yields &amp; the curve">'
    '<meta property="og:description" content="What moved today"><meta property="og:site_name" content="The Desk">'
)

# What asks nothing of an engine that another test here does not ask of both.
ON_ONE = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)


def with_picture(site: Site, path: str = "/news") -> str:
    site.replies["/p.png"] = Reply(200, photograph(), {"content-type": "image/png"})
    return site.show(path, f'{HEAD}<meta property="og:image" content="/p.png">')


async def say(desk: Desk, person: Principal, room: Room, text: str, client_id: str = "p" * 8) -> Message:
    return await desk.commands.post(person, room.id, text=text, client_id=client_id)


async def look(desk: Desk, person: Principal, message: Message) -> Message:
    """Do all that is wished, and return the message as it is then."""
    await desk.previews.worker.settle()
    return await desk.reading.get(person, message.room_id, message.id)


async def count(desk: Desk, table: type[PageRow | UseRow | WishRow]) -> int:
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def blobs(desk: Desk) -> int:
    return len([blob async for blob in desk.linked.blobs.list_prefix("")])


async def test_a_link_is_shown_with_its_page_and_a_picture_of_ours(desk: Desk, site: Site) -> None:
    ann, ben, room = await shared(desk)
    heard = await desk.follow(f"room:{room.id}")
    link = with_picture(site)
    posted = await say(desk, ann, room, f"Look: {link}.")
    assert posted.previews == ()

    message = await look(desk, ben, posted)
    (preview,) = message.previews
    assert preview == LinkPreview(
        id=preview.id,
        url=link,
        title="Bund yields & the curve",
        description="What moved today",
        site="The Desk",
        picture=PreviewPicture(width=640, height=320),
    )
    assert message.revision == posted.revision + 1
    assert heard[-1]["message"]["previews"][0]["title"] == preview.title
    data = await desk.previews.queries.picture(ben, room.id, message.id, preview.id)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (640, 320))
    assert site.paths() == ["/news", "/p.png"]
    for asked in site.asked:
        assert {"cookie", "referer", "authorization"} & set(asked.headers) == set()


@ON_ONE
async def test_nobody_else_gets_the_picture(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    message = await look(desk, ann, await say(desk, ann, room, with_picture(site)))
    eve = await desk.new_person("Eve", ann.tenant_id)
    stranger = await desk.new_person("Mallory")
    for person in (eve, stranger):
        with pytest.raises(NotFoundError):
            await desk.previews.queries.picture(person, room.id, message.id, message.previews[0].id)
    # Nor through a message that does not show it.
    other = await say(desk, ann, room, "no link", "o" * 8)
    with pytest.raises(NotFoundError):
        await desk.previews.queries.picture(ann, room.id, other.id, message.previews[0].id)


@ON_ONE
async def test_a_page_is_asked_once_a_day_for_an_organisation(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    link = with_picture(site)
    first = await look(desk, ann, await say(desk, ann, room, link))
    second = await look(desk, ann, await say(desk, ann, room, f"again {link}#part", "q" * 8))
    assert second.previews == first.previews
    assert len(site.asked) == 2

    cleo = await desk.new_person("Cleo")
    theirs = await desk.commands.create_room(cleo, title="Desk", kind="private")
    third = await look(desk, cleo, await say(desk, cleo, theirs, link))
    assert third.previews[0].id != first.previews[0].id
    assert len(site.asked) == 4

    desk.clock.advance(FRESH_FOR)
    site.show("/news", "<title>Another day</title>")
    fourth = await look(desk, ann, await say(desk, ann, room, link, "r" * 8))
    assert [each.title for each in fourth.previews] == ["Another day"]
    # What is shown already stays, with its picture.
    assert await desk.reading.get(ann, room.id, first.id) == first
    assert await desk.previews.queries.picture(ann, room.id, first.id, first.previews[0].id)


@ON_ONE
async def test_the_first_three_links_are_looked_at_and_none_of_code_or_the_ai(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    links = [site.show(f"/{number}", f"<title>Page {number}</title>") for number in range(5)]
    text = f"`{links[0]}` and {links[1]}, {links[1]} ({links[2]}) [x]({links[3]}) {links[4]}"
    message = await look(desk, ann, await say(desk, ann, room, text))
    assert [each.title for each in message.previews] == ["Page 1", "Page 2", "Page 3"]
    reply = await desk.replies.begin_reply(tenant_id=ann.tenant_id, room_id=room.id, reply_to=message.id)
    await desk.replies.append_reply(
        tenant_id=ann.tenant_id, message_id=reply.id, version=1, at=0, text=links[4], activity=""
    )
    await desk.previews.worker.settle()
    assert "/4" not in site.paths()


async def test_an_edit_changes_what_is_shown(desk: Desk, site: Site) -> None:
    ann, ben, room = await shared(desk)
    one, two = site.show("/1", "<title>One</title>"), site.show("/2", "<title>Two</title>")
    message = await look(desk, ann, await say(desk, ann, room, one))
    edited = await desk.messages.edit(ann, room.id, message.id, text=f"better: {two}")
    assert edited.previews == ()  # what is linked no more goes at once
    assert [each.title for each in (await look(desk, ben, edited)).previews] == ["Two"]
    await desk.previews.sweeper.sweep()
    async with desk.database.reading() as session:
        assert list(await session.scalars(select(PageRow.title))) == ["Two"]


@ON_ONE
async def test_its_author_takes_a_preview_away_for_good(desk: Desk, site: Site) -> None:
    ann, ben, room = await shared(desk)
    one, two = with_picture(site, "/1"), site.show("/2", "<title>Two</title>")
    message = await look(desk, ben, await say(desk, ben, room, f"{one} {two}"))
    first, second = message.previews
    cleo = await desk.new_person("Cleo", ann.tenant_id)
    await desk.commands.add_member(ann, room.id, person_id=cleo.user_id)
    with pytest.raises(ForbiddenError):
        await desk.previews.commands.remove(cleo, room.id, message.id, first.id)
    after = await desk.previews.commands.remove(ben, room.id, message.id, first.id)
    assert after.previews == (second,)
    for _ in range(2):
        with pytest.raises(NotFoundError):
            await desk.previews.commands.remove(ben, room.id, message.id, first.id)
    with pytest.raises(NotFoundError):
        await desk.previews.queries.picture(ben, room.id, message.id, first.id)
    edited = await desk.messages.edit(ben, room.id, message.id, text=f"once more: {one} {two}")
    assert (await look(desk, ben, edited)).previews == (second,)
    # A moderator may too.
    assert (await desk.previews.commands.remove(ann, room.id, message.id, second.id)).previews == ()
    await desk.previews.sweeper.sweep()
    assert (await count(desk, PageRow), await blobs(desk)) == (0, 0)


@pytest.mark.parametrize("how", ["remove", "withdraw", "erase", "organisation"])
async def test_nothing_is_left_of_a_message_that_is_gone(desk: Desk, site: Site, how: str) -> None:
    ann, ben, room = await shared(desk)
    message = await look(desk, ben, await say(desk, ben, room, with_picture(site)))
    page = message.previews[0]
    assert (await count(desk, PageRow), await blobs(desk)) == (1, 1)
    if how == "remove":
        after = await desk.messages.remove(ben, room.id, message.id)
        assert after.previews == ()
    elif how == "withdraw":
        await desk.messages.withdraw(ben, room.id, message.id)
    elif how == "erase":
        export = await desk.personal.export_person(person_id=ben.user_id)
        assert any(page.title in file.text for file in export)
        await desk.personal.erase_people(person_ids=(ben.user_id,), organisation_ids=())
    else:
        await desk.previews.commands.switch(await admin_of(desk, ann), enabled=False)
        await desk.personal.erase_people(person_ids=(), organisation_ids=(ann.tenant_id,))
    with pytest.raises(NotFoundError):
        await desk.previews.queries.picture(ann, room.id, message.id, page.id)
    await desk.previews.sweeper.sweep()
    assert [await count(desk, table) for table in (PageRow, UseRow, WishRow)] == [0, 0, 0]
    assert await blobs(desk) == 0


async def test_what_another_message_shows_too_stays(desk: Desk, site: Site) -> None:
    ann, ben, room = await shared(desk)
    link = with_picture(site)
    first = await look(desk, ben, await say(desk, ben, room, link))
    second = await look(desk, ann, await say(desk, ann, room, link))
    await desk.messages.remove(ben, room.id, first.id)
    await desk.previews.sweeper.sweep()
    page = second.previews[0]
    assert await desk.linked.blobs.find(picture_key(ann.tenant_id, (await stored(desk)).picture_id or page.id))
    assert await desk.previews.queries.picture(ann, room.id, second.id, page.id)


async def stored(desk: Desk) -> PageRow:
    async with desk.database.reading() as session:
        return (await session.scalars(select(PageRow))).one()


async def admin_of(desk: Desk, person: Principal) -> Principal:
    return await desk.new_person("Adele", person.tenant_id, role="admin")


@ON_ONE
async def test_an_organisation_goes_without(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    admin = await admin_of(desk, ann)
    assert (await desk.previews.queries.setting(admin)).enabled
    for _ in range(2):
        assert not (await desk.previews.commands.switch(admin, enabled=False)).enabled
    with pytest.raises(ForbiddenError):
        await desk.previews.commands.switch(ann, enabled=True)
    message = await look(desk, ann, await say(desk, ann, room, with_picture(site)))
    assert (message.previews, site.asked) == ((), [])
    events = [envelope for _, envelope, _ in await desk.database.pending(after=0, limit=100)]
    assert [event.data["enabled"] for event in events if event.name == "chat.link_previews_switched.v1"] == [False]
    await desk.previews.commands.switch(admin, enabled=True)
    assert (await desk.previews.queries.setting(admin)).enabled
    stranger = await desk.new_person("Mallory", role="admin")
    assert (await desk.previews.queries.setting(stranger)).enabled


@ON_ONE
async def test_a_page_that_is_not_there_is_not_asked_again_at_once(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    link = f"{site.url}/gone"
    for number in range(2):
        message = await look(desk, ann, await say(desk, ann, room, link, f"{number}" * 8))
        assert message.previews == ()
    assert site.paths() == ["/gone"]
    assert (await stored(desk)).url == ""  # that it was linked is nobody's business
    desk.clock.advance(EMPTY_FOR)
    with_picture(site, "/gone")
    assert (await look(desk, ann, await say(desk, ann, room, link, "n" * 8))).previews


@ON_ONE
async def test_a_page_that_is_away_for_a_while_keeps_what_was_known(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    link = with_picture(site)
    first = await look(desk, ann, await say(desk, ann, room, link))
    desk.clock.advance(FRESH_FOR)
    site.replies["/news"] = Reply(503, b"")
    second = await look(desk, ann, await say(desk, ann, room, link, "q" * 8))
    assert second.previews == first.previews


@ON_ONE
async def test_a_host_is_not_asked_too_often(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    links = [site.show(f"/{number}", f"<title>Page {number}</title>") for number in range(MOST_A_HOST + 1)]
    texts = [" ".join(links[start : start + 3]) for start in range(0, len(links), 3)]
    posted = [await say(desk, ann, room, text, f"number-{place}") for place, text in enumerate(texts)]
    shown = [len((await look(desk, ann, each)).previews) for each in posted]
    assert len(site.asked) == MOST_A_HOST
    assert sorted(shown)[:2] == [0, 3]
    desk.clock.advance(timedelta(minutes=2))
    assert [len((await look(desk, ann, each)).previews) for each in posted] == [3] * len(posted)


@ON_ONE
async def test_what_waited_for_too_long_is_given_up(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    posted = await say(desk, ann, room, with_picture(site))
    desk.clock.advance(GIVEN_UP_AFTER + timedelta(seconds=1))
    assert (await look(desk, ann, posted)).previews == ()
    assert (site.asked, await count(desk, WishRow)) == ([], 0)


async def test_a_message_that_goes_while_its_link_is_looked_at_shows_nothing(desk: Desk, site: Site) -> None:
    ann, ben, room = await shared(desk)
    posted = await say(desk, ben, room, with_picture(site))
    worker = desk.previews.worker
    assert await worker.begin() == 1
    await desk.messages.remove(ann, room.id, posted.id)
    assert (await look(desk, ann, posted)).previews == ()
    await desk.previews.sweeper.sweep()
    assert [await count(desk, table) for table in (PageRow, UseRow, WishRow)] == [0, 0, 0]
    assert await blobs(desk) == 0


@ON_ONE
async def test_a_picture_is_a_preview_by_itself_and_a_tiny_one_is_none(desk: Desk, site: Site) -> None:
    ann, _, room = await shared(desk)
    site.replies["/chart%20one.png"] = Reply(200, photograph(100, 80), {"content-type": "image/png"})
    site.replies["/pixel.png"] = Reply(200, photograph(1, 1), {"content-type": "image/png"})
    site.replies["/lie.png"] = Reply(200, b"<svg onload=alert(1)>", {"content-type": "image/png"})
    names = ("chart%20one", "pixel", "lie")
    message = await look(desk, ann, await say(desk, ann, room, " ".join(f"{site.url}/{name}.png" for name in names)))
    assert [(each.title, each.picture) for each in message.previews] == [
        ("chart one.png", PreviewPicture(width=100, height=80))
    ]
