"""Node's `ws` and socket.io as peers: installed from npm into a folder that goes with the benchmark."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Every message to everybody, in a plain loop; nothing is stored.
WS = """
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const text = data.toString();
    for (const other of server.clients) other.send(text);
  });
});
"""
SOCKET_IO = """
const { Server } = require('socket.io');
const io = new Server(Number(process.argv[2]), { transports: ['websocket'], pingInterval: 600000 });
io.on('connection', (socket) => {
  socket.join('floor');
  socket.on('m', (text) => io.to('floor').emit('m', text));
});
"""
PEERS = {"ws": WS, "socket.io": SOCKET_IO}


def install_peers(folder: Path) -> bool:
    """Install both; False where Node is not there or npm reaches nothing."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), "ws@8", "socket.io@4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for name, source in PEERS.items():
        (folder / f"{name}.js").write_text(source)
    return done.returncode == 0


@contextmanager
def running_peer(folder: Path, name: str, port: int) -> Iterator[None]:
    """Run one of them on a port."""
    process = subprocess.Popen(["node", str(folder / f"{name}.js"), str(port)])
    try:
        yield
    finally:
        process.kill()
        process.wait()
