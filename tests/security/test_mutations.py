"""Each protection has a test that goes red when the protection is taken away.

Every row takes one protection out of a copy of the tree and runs the test that is named for it.
A row whose text is not there any more fails too: whoever moves a protection moves its row.
"""

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final, NamedTuple

import pytest

from tests.security.mutant_runner import OUTPUT

ROOT: Final = Path(__file__).parents[2]
RUNNER: Final = Path(__file__).with_name("mutant_runner.py")
COPIED: Final = ("server", "rooms", "moderation", "web", "tests", "pyproject.toml")
TESTS_FAILED: Final = 1
"""pytest's exit code for a test that went red; a file that cannot be read has another."""
WORKERS: Final = 2


class Mutant(NamedTuple):
    """A protection: what it is, where, its text, the text without it, and the test that sees it."""

    protection: str
    file: str
    original: str
    mutated: str
    test: str


MUTANTS: Final = (
    Mutant(
        "an event is heard after its commit and never before",
        "server/live/host.py",
        "self._ledger.append(Pending(append, self.generation, committed, failed))",
        "committed(); self._ledger.append(Pending(append, self.generation, list, failed))",
        "tests/server/live/test_host.py::test_nothing_is_heard_or_answered_before_it_is_durable",
    ),
    Mutant(
        "a key that was answered is remembered",
        "server/live/host.py",
        "if key and (answer := self._remembered(who.tag, key, body)):",
        "if not key and (answer := self._remembered(who.tag, key, body)):",
        "tests/server/live/test_host.py::test_a_retry_with_the_same_key_gets_the_same_answer",
    ),
    Mutant(
        "whoever decided on an old head is refused",
        "server/storage/batches.py",
        "            raise HeadMoved(*moves)",
        "            pass",
        "tests/contracts/test_store.py::test_whoever_decided_on_an_old_head_is_refused",
    ),
    Mutant(
        "no driver's exception leaves the database",
        "server/storage/errors.py",
        "    try:\n        return job()\n    except DBAPIError as error:",
        "    return job()\n    try:\n        return job()\n    except DBAPIError as error:",
        "tests/server/storage/test_database.py::test_no_error_carries_what_somebody_wrote",
    ),
    Mutant(
        "an error of the database shows no values",
        "server/storage/database.py",
        "hide_parameters=True",
        "hide_parameters=False",
        "tests/security/test_errors.py::test_an_error_inside_a_transaction_shows_no_values",
    ),
    Mutant(
        "an exception in the log is its type alone",
        "server/telemetry.py",
        'lines.append(f"  {type(error).__name__}{_place(error.__traceback__)}")',
        'lines.append(f"  {error!r}{_place(error.__traceback__)}")',
        "tests/server/test_telemetry.py",
    ),
    Mutant(
        "looking at the threshold gives nobody words",
        "web/pages/join.py",
        "        return await self._page(request, card, as_staff, Form({}))\n",
        "        page = await self._page(request, card, as_staff, Form({}))\n"
        '        page.headers.append("Set-Cookie", words_cookie(draw(), False, False))\n'
        "        return page\n",
        "tests/web/test_join.py::test_looking_at_any_page_sets_no_cookie",
    ),
    Mutant(
        "a socket is opened from our own pages only",
        "web/guard.py",
        "if not self._origins.host_allowed(scope) or not self._origins.origin_allowed(scope):",
        "if not self._origins.host_allowed(scope):",
        "tests/web/test_guard.py::test_a_socket_is_opened_from_our_own_pages_only",
    ),
    Mutant(
        "a form of another site changes nothing",
        "web/guard.py",
        'return site in {"same-origin", "none"}',
        "return True",
        "tests/web/test_guard.py::test_a_form_of_another_site_changes_nothing",
    ),
    Mutant(
        "nobody hears what was said before they came",
        "server/live/catchup.py",
        "if heard_from < n <= until",
        "if n <= until",
        "tests/server/live/test_catchup.py::test_a_late_joiner_sees_nothing_from_before",
    ),
    Mutant(
        "a client cannot ask for what lies before its window",
        "server/live/catchup.py",
        "all(begins[s] <= n <= room.number(s) for s, n in after.items())",
        "all(n <= room.number(s) for s, n in after.items())",
        "tests/server/live/test_catchup.py"
        "::test_numbers_that_are_not_ones_own_get_a_fresh_page_of_ones_own_window",
    ),
    Mutant(
        "a removal ends what somebody hears",
        "moderation/actions.py",
        "    kind = ActionKind.REMOVE\n\n"
        "    def rehears(self) -> tuple[MemberId, ...]:\n        return (self.member,)\n",
        "    kind = ActionKind.REMOVE\n",
        "tests/server/live/test_catchup.py"
        "::test_a_removal_ends_the_room_for_somebody_at_exactly_that_event",
    ),
    Mutant(
        "words that were taken back or hidden are not said again",
        "server/live/catchup.py",
        "    return Withheld(member=event.member, pseudonym=event.pseudonym, fate=state.fate)",
        "    return event",
        "tests/server/live/test_catchup.py::test_what_was_taken_back_or_hidden_is_not_said_again",
    ),
    Mutant(
        "the key file of a day that has ended is deleted",
        "server/storage/keys.py",
        "                path.unlink()\n",
        "",
        "tests/server/storage/test_retention.py"
        "::test_after_the_shred_rows_wrapped_key_and_key_file_are_gone",
    ),
    Mutant(
        "the write-ahead log is cut after the shred",
        "server/storage/retention.py",
        "log_cut=await database.checkpoint()",
        "log_cut=True",
        "tests/server/storage/test_retention.py"
        "::test_after_the_shred_rows_wrapped_key_and_key_file_are_gone",
    ),
    Mutant(
        "a deleted row is overwritten",
        "server/storage/database.py",
        '"secure_delete": "ON",',
        '"secure_delete": "OFF",',
        "tests/server/storage/test_database.py"
        "::test_a_deleted_text_is_in_no_file_after_the_checkpoint",
    ),
    Mutant(
        "the words of a threshold page are good for half an hour",
        "server/people/threshold.py",
        "if int(now) - int.from_bytes(plain[:TIME_BYTES]) > LIFETIME_S:",
        "if False:",
        "tests/server/people/test_threshold.py"
        "::test_a_page_is_good_for_half_an_hour_and_not_a_second_longer",
    ),
    Mutant(
        "a field that is named twice is refused",
        "server/live/protocol.py",
        "json.loads(raw, object_pairs_hook=_without_duplicates)",
        "pass",
        "tests/security/test_frames.py::test_a_field_that_is_named_twice_is_two_messages_in_one",
    ),
    Mutant(
        "a backup code opens the door once",
        "server/people/backup_codes.py",
        "    return taken.rowcount == 1",
        "    return True",
        "tests/server/people/test_backup_codes.py"
        "::test_one_code_sent_many_times_at_once_opens_one_session",
    ),
    Mutant(
        "codes that were shown to one Account are no other's",
        "server/people/backup_codes.py",
        "if raw[:ACCOUNT_ID_BYTES] != account_id.to_bytes(ACCOUNT_ID_BYTES):",
        "if not raw:",
        "tests/web/test_backup_codes.py"
        "::test_codes_of_somebody_else_or_of_an_old_page_are_not_kept",
    ),
    Mutant(
        "a reset shuts the lost phone out at once",
        "server/people/resets.py",
        ".values(last_totp_step=ALL_STEPS_SPENT)",
        ".values(last_totp_step=0)",
        "tests/server/people/test_resets.py::test_from_this_moment_the_lost_phone_opens_nothing",
    ),
    Mutant(
        "numbers of before a restore mean nothing after it",
        "server/restoring.py",
        "        await SqlStore(database).renew_epochs()\n",
        "",
        "tests/server/test_restoring.py"
        "::test_todays_backup_brings_the_words_back_and_every_room_a_new_epoch",
    ),
    Mutant(
        "a restore brings no session back to life",
        "server/restoring.py",
        "    connection.execute(delete(sessions))\n",
        "",
        "tests/server/test_restoring.py::test_nothing_that_opened_a_door_comes_back",
    ),
    Mutant(
        "a running server is not replaced under its feet",
        "server/storage/occupied.py",
        "fcntl.LOCK_EX",
        "fcntl.LOCK_SH",
        "tests/server/test_restoring.py::test_a_running_server_is_not_replaced_under_its_feet",
    ),
    Mutant(
        "an upgrade makes a copy first",
        "server/storage/upgrading.py",
        "    if found is not None:\n        folder",
        "    if found is None:\n        folder",
        "tests/server/storage/test_upgrading.py::test_an_upgrade_makes_a_copy_first",
    ),
    Mutant(
        "a copy never lies beside the keys",
        "server/commands/keeping.py",
        "        check_apart(settings.keys_dir.absolute(), folder)\n",
        "        pass\n",
        "tests/server/commands/test_keeping.py::test_a_copy_never_lies_beside_the_keys",
    ),
    Mutant(
        "danger is heard in the words of somebody who was removed",
        "moderation/danger.py",
        "    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING\n\n    danger: Danger\n",
        "    danger: Danger\n",
        "tests/moderation/test_danger.py::test_danger_is_heard_whatever_happened_to_the_person",
    ),
    Mutant(
        "nothing somebody did before is in the way of help",
        "server/live/purse.py",
        "(Leave, NeedHelp, ReadQuietly, AlertCommand)",
        "(Leave,)",
        "tests/server/live/test_purse.py"
        "::test_somebody_who_asked_for_too_much_can_still_ask_for_help",
    ),
    Mutant(
        "what came too fast is read before it is refused",
        "web/socket.py",
        "refused.help = hosts.heed(frame.room, entered[0], command, frame.key)",
        "pass",
        "tests/web/test_socket.py::test_a_page_that_asked_for_too_much_can_still_ask_for_help",
    ),
    Mutant(
        "one person has an alert",
        "moderation/alerts.py",
        "        if alert.owner:\n            raise AlertTaken(owner=alert.owner)\n",
        "",
        "tests/moderation/test_alerts.py"
        "::test_of_two_who_take_an_alert_the_second_is_told_who_has_it",
    ),
    Mutant(
        "a meeting does not close over an open alert",
        "rooms/meetings.py",
        "if room.staff.alerts and not self.hand_over:",
        "if room.staff.alerts and False:",
        "tests/rooms/test_alert_clock.py::test_a_meeting_does_not_close_over_an_open_alert",
    ),
    Mutant(
        "nobody is called about themselves",
        "server/calling/paging.py",
        "if not order.about or self._tag_of(a, room) != order.about",
        "",
        "tests/server/calling/test_paging.py"
        "::test_a_report_about_staff_calls_who_reads_the_desk_and_never_whom_it_is_about",
    ),
    Mutant(
        "nobody reads on the desk what is about themselves",
        "server/calling/desk.py",
        "return words is not None and words.tag == self._tag_of(account, row.room)",
        "return False",
        "tests/web/test_cases.py::test_the_desk_never_shows_a_case_to_the_person_it_is_about",
    ),
    Mutant(
        "the server calls no neighbour of its own",
        "server/calling/push.py",
        '        good = good and _is_service(parts.hostname or "")\n',
        "",
        "tests/server/calling/test_push.py::test_nobody_sends_the_server_to_call_its_neighbours",
    ),
    Mutant(
        "nobody leaves an address over which no call would go",
        "web/pages/on_call.py",
        "if not self._calls_over(channel):",
        "if False:",
        "tests/web/test_on_call.py::test_nobody_leaves_an_address_where_no_call_would_go[mail]",
    ),
    Mutant(
        "what a browser sends that has lost who it is, is read",
        "web/pages/live.py",
        "            gone.help = self._hosts.heed_stranger(command)",
        "            pass",
        "tests/web/test_live.py::test_whoever_lost_their_words_keeps_what_they_wrote_and_in_danger_"
        "sees_help_first[I am going to kill myself tonight-/help]",
    ),
    Mutant(
        "nothing more is written for whoever takes nothing",
        "web/lane.py",
        "if transport.get_write_buffer_size() > most:",
        "if False:",
        "tests/web/test_lane.py::test_nothing_more_is_written_for_whoever_takes_nothing",
    ),
)


class Workshop:
    """A copy of the tree, and a process that runs tests in it."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._runner = subprocess.Popen(
            [sys.executable, RUNNER, str(tree)],
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *tests: str) -> tuple[int, str]:
        """Run tests until one is red; pytest's exit code, and what it wrote."""
        assert self._runner.stdin is not None
        assert self._runner.stdout is not None
        self._runner.stdin.write("\t".join(tests) + "\n")
        self._runner.stdin.flush()
        return int(self._runner.stdout.readline()), (self.tree / OUTPUT).read_text()

    def close(self) -> None:
        """End the process."""
        self._runner.communicate()


Workshops = SimpleQueue[Workshop]


@pytest.fixture(scope="module")
def workshops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshops]:
    """One for each worker. The copies keep the times of files, so that what is compiled holds."""
    waiting: Workshops = SimpleQueue()
    opened = []
    for number in range(WORKERS):
        tree = tmp_path_factory.mktemp(f"tree-{number}")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name)
            else:
                shutil.copy2(ROOT / name, tree / name)
        compileall.compile_dir(tree, quiet=1)
        opened.append(Workshop(tree))
        waiting.put(opened[-1])
    yield waiting
    for workshop in opened:
        workshop.close()


def survives(mutant: Mutant, workshops: Workshops) -> str:
    """What is wrong with a row; empty when its test goes red as it must."""
    workshop = workshops.get()
    file = workshop.tree / mutant.file
    source, times = file.read_text(), file.stat()
    try:
        if source.count(mutant.original) != 1:
            return f"{mutant.protection}: its text is not in {mutant.file} exactly once"
        file.write_text(source.replace(mutant.original, mutant.mutated))
        code, output = workshop.run(mutant.test)
    finally:
        file.write_text(source)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        workshops.put(workshop)
    if code == TESTS_FAILED and f"FAILED {mutant.test}" in output:
        return ""
    return f"{mutant.protection}: {mutant.test} did not go red\n{output[-2_000:]}"


def test_without_a_protection_its_test_goes_red(workshops: Workshops) -> None:
    with ThreadPoolExecutor(WORKERS) as workers:
        wrong = [w for w in workers.map(lambda m: survives(m, workshops), MUTANTS) if w]
    assert not wrong, "\n".join(wrong)


def test_with_every_protection_all_these_tests_are_green(workshops: Workshops) -> None:
    workshop = workshops.get()
    code, output = workshop.run(*sorted({mutant.test for mutant in MUTANTS}))
    workshops.put(workshop)
    assert code == 0, output
