"""Endpoints of a person's profile, picture and e-mail address."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.http import public, requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, client_of
from outcry.services.auth.api.passwords import EmailOnly, LinkToken
from outcry.services.auth.commands.email import EmailCommands
from outcry.services.auth.commands.profile import ProfileCommands
from outcry.services.auth.contracts import ConfirmationSent, Me
from outcry.services.auth.queries.people import AuthQueries
from outcry.services.auth.queries.pictures import PictureQueries

_UPDATE = requires("auth:me:update")
_FRESH = requires("auth:me:update", fresh=True)
# Colleagues' pages ask again after a minute, and are told in a line when it is still the same.
_CACHING = "private, max-age=60"
_KINDS = ("png", "jpeg", "webp")
_IMAGE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/png", "image/jpeg", "image/webp")
        },
    }
}


class ProfileInput(BaseModel):
    """What is to be another in a profile; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str | None, Field(max_length=1_000, description="What colleagues see: 1 to 80 characters.")] = None
    time_zone: Annotated[str | None, Field(max_length=64, examples=["Europe/Berlin"])] = None
    locale: Annotated[str | None, Field(max_length=64, examples=["de-CH"])] = None


def profile_router(
    profile: ProfileCommands, email: EmailCommands, queries: AuthQueries, pictures: PictureQueries
) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    async def me(principal: Principal) -> Me:
        return await queries.get_me(person_id=principal.user_id, tenant_id=principal.tenant_id)

    @router.patch("/me")
    async def update_me(principal: Annotated[Principal, _UPDATE], body: ProfileInput) -> Me:
        """Change one's name, time zone or locale."""
        await profile.update(principal, name=body.name, time_zone=body.time_zone, locale=body.locale)
        return await me(principal)

    @router.put("/me/picture", openapi_extra=_IMAGE_BODY)
    async def set_picture(principal: Annotated[Principal, _UPDATE], request: Request) -> Me:
        """Choose a picture: the bytes of a PNG, JPEG or WebP, of at most 5 MB unless the operator set another limit."""
        await profile.set_picture(principal, data=await request.body())
        return await me(principal)

    @router.delete("/me/picture")
    async def remove_picture(principal: Annotated[Principal, _UPDATE]) -> Me:
        """Do without a picture."""
        await profile.remove_picture(principal)
        return await me(principal)

    @router.get(
        "/people/{person_id}/picture",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}}, 304: {"description": "It is still the same."}},
    )
    async def get_picture(
        principal: Annotated[Principal, requires("auth:me:read")],
        person_id: UUID,
        version: Annotated[str | None, Query(max_length=200)] = None,
        if_none_match: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        """Return the picture of somebody in the organisation, as PNG of 256 by 256 pixels.

        A guest names the ``version``, as the members and messages of their room have it.
        """
        known = (if_none_match or "").removeprefix("W/").strip('"')
        picture = await pictures.get_picture(principal, person_id, seen=version, known=known)
        headers = {"etag": f'"{picture.version}"', "cache-control": _CACHING}
        if picture.version == known:
            return Response(status_code=304, headers=headers)
        return Response(picture.png, media_type="image/png", headers=headers)

    _add_email(router, email)
    return router


def _add_email(router: APIRouter, email: EmailCommands) -> None:
    @router.post("/me/email", status_code=202)
    async def change_email(
        principal: Annotated[Principal, _FRESH], body: EmailOnly, request: Request
    ) -> ConfirmationSent:
        """Send a link to a new address, which counts once it is opened. The same for one that is taken."""
        return await email.change(principal, email=body.email, client=client_of(request))

    @router.post("/me/email/verify", status_code=202)
    async def verify_email(principal: Annotated[Principal, _UPDATE], request: Request) -> ConfirmationSent:
        """Send a link that confirms the address that one has."""
        return await email.verify(principal, client=client_of(request))

    @router.post("/email/confirm", status_code=204, dependencies=[public()])
    async def confirm_email(body: LinkToken, request: Request) -> None:
        """Confirm an address, or put an old one back, by the link of a mail."""
        await email.confirm(token=body.token.get_secret_value(), client=client_of(request))
