"""A small real HTTP server that is both makers of challenges: their scripts, the frame of their widget, siteverify.

It follows their descriptions of siteverify: a form with ``secret`` and ``response``, JSON with ``success`` and
``error-codes``, and each response good once.
"""

from typing import Any
from uuid import uuid4

from tests.adapters_support.web_server import Asked, Reply, WebServer

SITE_KEY = "10000000-ffff-ffff-ffff-000000000001"
SECRET = "0x-secret-of-the-site"

_USED = {"/turnstile/v0/siteverify": "timeout-or-duplicate", "/siteverify": "already-seen-response"}
_NAMES = {"/turnstile/v0/api.js": "turnstile", "/1/api.js": "hcaptcha"}

# As the makers' scripts do: a frame of their own in the element that the page names, and the word given back.
_SCRIPT = """
(() => {
  const { origin: base, searchParams } = new URL(document.currentScript.src);
  const widgets = new Map();
  window.NAME = {
    render(place, options) {
      const id = String(widgets.size + 1);
      const frame = document.createElement('iframe');
      frame.title = 'Challenge';
      const compact = options.size === 'compact';
      frame.width = compact ? '164' : '300';
      frame.height = compact ? '144' : '65';
      frame.src = `${base}/widget?sitekey=${options.sitekey}&theme=${options.theme}&id=${id}`;
      place.append(frame);
      const listen = (event) => {
        if (event.origin === base && event.data.id === id) options.callback(event.data.response);
      };
      addEventListener('message', listen);
      widgets.set(id, { frame, listen });
      return id;
    },
    reset(id) {
      const { frame } = widgets.get(id);
      frame.src = frame.src;
    },
    remove(id) {
      const { frame, listen } = widgets.get(id);
      removeEventListener('message', listen);
      frame.remove();
      widgets.delete(id);
    },
  };
  window[searchParams.get('onload')]();
})();
"""

_FRAME = """<!doctype html><meta charset="utf-8"><title>Challenge</title>
<body style="margin:0;font:14px sans-serif;background:#fafafa;color:#222">
<label style="display:flex;gap:12px;align-items:center;height:63px;border:1px solid #ccc;padding-left:16px">
<input type="checkbox" style="width:22px;height:22px"> I am a person</label>
<script>
const asked = new URLSearchParams(location.search);
document.querySelector('input').addEventListener('change', async () => {
  const response = await (await fetch(`/solve?sitekey=${asked.get('sitekey')}`)).text();
  parent.postMessage({ id: asked.get('id'), response }, '*');
});
</script>"""


class ChallengeServer(WebServer):
    """The server. ``solve`` gives what a widget would; ``solved`` holds what was not verified yet."""

    def __init__(self) -> None:
        super().__init__()
        self.solved: dict[str, str] = {}
        self.used: set[str] = set()
        self.secret = SECRET

    def solve(self, site_key: str = SITE_KEY) -> str:
        """Return the response of a challenge that was solved just now."""
        response = f"P1_{uuid4().hex}.{uuid4().hex}"
        self.solved[response] = site_key
        return response

    @property
    def verified(self) -> list[Asked]:
        """What was asked of siteverify."""
        return [asked for asked in self.asked if asked.path in _USED]

    async def answer(self, asked: Asked) -> Reply:
        """Answer a request."""
        if asked.path in _USED and asked.method == "POST":
            return Reply.json(self._verify(asked.path, asked.form))
        if asked.path in _NAMES:
            script = _SCRIPT.replace("NAME", _NAMES[asked.path]).encode()
            headers = {"content-type": "text/javascript", "cross-origin-resource-policy": "cross-origin"}
            return Reply(200, script, headers)
        if asked.path == "/widget":
            return Reply(200, _FRAME.encode(), {"content-type": "text/html"})
        if asked.path == "/solve":
            return Reply(200, self.solve(asked.query["sitekey"]).encode(), {"content-type": "text/plain"})
        return Reply(404)

    def _verify(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        response = form.get("response", "")
        wrong = ""
        if form.get("secret") != self.secret:
            wrong = "invalid-input-secret"
        elif response in self.used:
            wrong = _USED[path]
        elif response not in self.solved:
            wrong = "invalid-input-response"
        elif self.solved[response] != form.get("sitekey", self.solved[response]):
            wrong = "sitekey-mismatch"
        self.used.add(response)
        return {"success": False, "error-codes": [wrong]} if wrong else {"success": True, "hostname": "desk.example"}
