"""Prosody, the XMPP server, with rooms (XEP-0045) over WebSocket and guests without a password.

Not like for like: XMPP routes a stanza to each occupant, and every one of them is parsed XML.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

CONFIGURATION = """
run_as_root = true
data_path = "{folder}"
pidfile = "{folder}/prosody.pid"
log = {{ error = "{folder}/prosody.log" }}
modules_enabled = {{ "saslauth", "websocket" }}
modules_disabled = {{ "s2s", "limits" }}
c2s_ports, c2s_direct_tls_ports, s2s_ports, https_ports = {{}}, {{}}, {{}}, {{}}
http_ports, http_interfaces = {{ {port} }}, {{ "127.0.0.1" }}
http_default_host = "localhost"
consider_websocket_secure = true
VirtualHost "localhost"
    authentication = "anonymous"
Component "rooms.localhost" "muc"
    muc_room_locking = false
"""

if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp())
    configuration = folder / "prosody.cfg.lua"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=sys.argv[1]))
    os.execv(
        shutil.which("prosody") or "prosody",
        ["prosody", "-F", "--config", str(configuration)],
    )
