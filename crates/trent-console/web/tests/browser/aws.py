"""The AWS CLI, loaded once: reads commands from a pipe and writes what each printed to another.

Usage: aws.py COMMANDS ANSWERS, both FIFOs. A command is a line of JSON, {"words": [...], "env": {...}}; its answer one,
{"status": ..., "stdout": ..., "stderr": ...}.
"""

import contextlib
import io
import json
import os
import sys

from awscli.clidriver import create_clidriver


def text() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def printed(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()


def run(words: list[str]) -> dict[str, object]:
    out, err = text(), text()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = create_clidriver().main(words)
        except SystemExit as ended:
            status = ended.code
        except Exception as error:  # noqa: BLE001 - whatever it is, the command has failed
            print(repr(error), file=err)
            status = 255
    return {"status": status or 0, "stdout": printed(out), "stderr": printed(err)}


def main() -> None:
    _, commands, answers = sys.argv
    # Where the CLI has said that its own data is.
    data = os.environ.get("AWS_DATA_PATH", "")
    with open(commands, encoding="utf-8") as lines, open(answers, "w", encoding="utf-8") as out:
        for line in lines:
            command = json.loads(line)
            os.environ.clear()
            os.environ.update(command["env"], AWS_DATA_PATH=data)
            print(json.dumps(run(command["words"])), file=out, flush=True)


main()
