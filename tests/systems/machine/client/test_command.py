import asyncio
import os
import sys
from pathlib import Path

import pytest
from clocks import not_waiting

from golive import Unavailable
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner

PYTHON = sys.executable


def command(**limits: float) -> CommandRunner:
    return CommandRunner(CommandLimits(**limits))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def pid_in(folder: Path) -> int:
    return int((folder / "pid").read_text())


async def test_what_it_prints_and_its_code() -> None:
    ran = await command().run(
        (PYTHON, "-c", "import sys; print('out'); print('a\\nwhy', file=sys.stderr); sys.exit(3)")
    )
    assert (ran.stdout, ran.code, ran.last_words()) == (b"out\n", 3, "why")


async def test_silence_has_no_last_words() -> None:
    ran = await command().run(("true",))
    assert (ran.stdout, ran.stderr, ran.code, ran.last_words()) == (b"", b"", 0, "")


async def test_no_shell_reads_the_arguments() -> None:
    ran = await command().run(("echo", "$HOME; `id` *"))
    assert ran.stdout == b"$HOME; `id` *\n"


async def test_nothing_is_read_from_our_terminal() -> None:
    assert (await command().run(("cat",))).stdout == b""


async def test_a_command_asked_for_twice_runs_once(tmp_path: Path) -> None:
    runner, argv = command(), ("sh", "-c", f"echo x >> {tmp_path}/runs; cat {tmp_path}/runs")
    first, second = await asyncio.gather(runner.run(argv), runner.run(argv))
    assert first is second
    assert first.stdout == b"x\n"


async def test_one_waiter_that_gives_up_leaves_it_to_the_others() -> None:
    runner, argv = command(), ("sh", "-c", "sleep 0.2; echo done")
    impatient = asyncio.create_task(runner.run(argv))
    patient = asyncio.create_task(runner.run(argv))
    await asyncio.sleep(0.05)
    impatient.cancel()
    assert (await patient).stdout == b"done\n"


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (("no-such-program-here",), "'no-such-program-here' is not on this machine"),
        (("/etc/passwd",), "'passwd' could not be started"),
        (("echo", "nul\0byte"), "could not be started"),
    ],
)
async def test_what_cannot_start_is_unavailable(argv: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        await command().run(argv)


async def test_endless_output_is_bounded() -> None:
    with not_waiting(), pytest.raises(Unavailable, match="printed more than 1 MB"):
        await command(max_output_bytes=1_000_000).run(("yes",))


async def test_endless_complaints_keep_their_end() -> None:
    ran = await command().run(("sh", "-c", "yes | head -c 3000000 >&2; echo the end >&2"))
    assert len(ran.stderr) == 65_536
    assert ran.last_words() == "the end"


@pytest.mark.parametrize(
    "script", ["sleep 240", "trap '' TERM; sleep 240 & wait; sleep 240", "exec >&- 2>&-; sleep 240"]
)
async def test_a_slow_command_is_ended_with_all_it_started(script: str, tmp_path: Path) -> None:
    with not_waiting(), pytest.raises(Unavailable, match="did not end within"):
        await command(timeout_s=0.3).run(("sh", "-c", f"echo $$ > {tmp_path}/pid; {script}"))
    assert not alive(pid_in(tmp_path))


async def test_children_left_behind_are_ended(tmp_path: Path) -> None:
    await command().run(("sh", "-c", f"sleep 60 >/dev/null 2>&1 & echo $! > {tmp_path}/pid"))
    pid = pid_in(tmp_path)
    for _ in range(100):
        if not alive(pid):
            return
        await asyncio.sleep(0.01)
    pytest.fail("the child lives on")


async def test_a_cancelled_run_ends_the_command(tmp_path: Path) -> None:
    runner = command()
    waiter = asyncio.create_task(runner.run(("sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 60")))
    await asyncio.sleep(0.2)
    waiter.cancel()
    await runner.aclose()
    assert not alive(pid_in(tmp_path))
