"""Runs one command for as long as somebody holds this process's standard input; then stops it and removes a folder.

``keeper.py SIGNAL UID FOLDER COMMAND…``: who started it may be killed in any way, nothing outlives it.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any


def main() -> int:
    stop, uid, folder, *command = sys.argv[1:]
    user: dict[str, Any] = {"user": int(uid), "group": int(uid), "extra_groups": []}
    if int(uid) == os.getuid():
        user = {}
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=folder, **user) as child:

        def wait_for_the_end() -> None:
            while os.read(0, 4096):
                pass
            child.send_signal(signal.Signals[stop])
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()

        threading.Thread(target=wait_for_the_end, daemon=True).start()
        code: int = child.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
