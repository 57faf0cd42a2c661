"""10,000 rows come in from a file, in the thread in which the server does it, while a manager switches roles.

The peer is the plain way: the add form's own action, a transaction for each row.
"""

import asyncio
import csv
import io
import threading
import time
from collections.abc import Iterator
from uuid import UUID

from benchmarks.figures import Row, milliseconds, p95, verdict
from benchmarks.town import SLUG, People, installation, populate
from benchmarks.writes import _postgresql, _switch, _targets
from motlink import batch_runner
from motlink.accounts.queries import digest_of
from motlink.sign_in.queries import signed_in
from motlink.staff.actions import add_member
from motlink.staff.import_actions import receive_file, start_import
from motlink.staff.models import Batch
from motlink.tags.actions import make_tag, put_tag
from motlink.web import threads
from motlink.work import begin_work, system

ROWS = 10_000
HERE = 1_000
PEER_ROWS = 300
BAR_SECONDS, BAR_SWITCH = 20.0, 100.0
ROLES = ("Therapist", "Therapist; Supervisor", "Scheduler", "Biller; Reporting", "Intern")
TAGS = ("Spanish; In-home", "", "Aetna; Medicaid; Waitlist", "ASL", "Feeding; ADOS-2; Saturday; Cigna")


def measure(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of the import."""
    rows = 1_000 if quick else ROWS
    with installation():
        yield from _measured("SQLite", rows, populate(HERE))
    with _postgresql() as url:
        if not url:
            yield Row(f"import of {rows:,} rows, PostgreSQL", "no server answers")
            return
        with installation(url):
            yield from _measured("PostgreSQL", rows, populate(HERE))


def _measured(database: str, rows: int, people: People) -> Iterator[Row]:
    plain = _plain_way(people)
    began = time.perf_counter()
    batch_id = _received(people, staff_list(rows))
    batch_runner.run_batch(str(batch_id))
    previewed = time.perf_counter() - began
    times, took = asyncio.run(_imported(people, batch_id))
    peer = f"one transaction a row: {plain * rows:.0f} s ({plain * 1000:.1f} ms each of {PEER_ROWS})"
    yield Row(f"preview of {rows:,} rows, {database}", f"{previewed:.1f} s")
    yield Row(
        f"import of {rows:,} rows, {database}", f"{took:.1f} s", "≤ 20 s", verdict(took, BAR_SECONDS), peer
    )
    yield Row(
        f"  meanwhile a role switch, {database}, {len(times)} of them",
        milliseconds(times),
        "p95 ≤ 100 ms",
        verdict(p95(times), BAR_SWITCH),
    )


def staff_list(rows: int) -> bytes:
    """Return a file of people, five kinds of them in turn; every hundredth row is refused."""
    paper = io.StringIO()
    writer = csv.writer(paper)
    writer.writerow(("First Name", "Last Name", "Email", "Phone", "Roles", "Therapist Tags", "Active"))
    for n in range(rows):
        email = f"p{n}@import.example" if n % 100 else "no address"
        phone = f"(617) 555-01{n % 100:02}"
        active = "no" if n % 50 == 7 else "yes"
        writer.writerow((f"First{n}", f"Last{n % 977}", email, phone, ROLES[n % 5], TAGS[n % 5], active))
    return paper.getvalue().encode()


def _received(people: People, content: bytes) -> UUID:
    with begin_work(signed_in(digest_of(people.cookies[1])), org=SLUG) as work:
        return work.do(receive_file, name="staff.csv", content=content).id


async def _imported(people: People, batch_id: UUID) -> tuple[list[float], float]:
    """Import in a thread of its own, and return how long role switches took meanwhile, and the whole."""
    over = threading.Event()
    took: list[float] = []

    def work_on() -> None:
        began = time.perf_counter()
        with begin_work(signed_in(digest_of(people.cookies[1])), org=SLUG) as work:
            work.do(start_import, batch_id=batch_id)
        batch_runner.run_batch(str(batch_id))
        took.append(time.perf_counter() - began)
        over.set()

    (mine,) = await asyncio.to_thread(_targets, 1)
    threading.Thread(target=work_on).start()
    times: list[float] = []
    while not over.is_set():
        turn, which = divmod(len(times), len(mine))
        began = time.perf_counter()
        await threads.writing(
            _switch, people.cookies[0], mine[which], people.roles["reporting"], turn % 2 == 0
        )
        times.append((time.perf_counter() - began) * 1000)
        # A person does not click without a pause.
        await asyncio.sleep(0.1)
    with begin_work(system(), writes=False) as work:
        batch = work.session.get_one(Batch, batch_id)
        assert batch.state == "done", batch.state
    return times, took[0]


def _plain_way(people: People) -> float:
    """Return the seconds a row takes by the add form's action."""
    began = time.perf_counter()
    for n in range(PEER_ROWS):
        with begin_work(signed_in(digest_of(people.cookies[0])), org=SLUG) as work:
            member = add_member(
                work,
                first_name=f"Peer{n}",
                last_name="Plain",
                email=f"plain{n}@import.example",
                role_ids=[people.roles["therapist"]],
                invite=False,
            )
            for name in TAGS[n % 5].split("; "):
                if name:
                    put_tag(work, member_id=member.id, tag_id=make_tag(work, name=name).id)
    return (time.perf_counter() - began) / PEER_ROWS
