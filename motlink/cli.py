"""The operator's edge: `motlink …`. Only typer is imported here; each command brings in what it needs.

Exit codes: 0 done, 1 a fault was found or a refusal of no special kind, 2 done in part or a wrong option,
3 not allowed, 4 not found, 5 the state of things forbids it, 6 something given is not acceptable, 7 no database,
or one that is busy.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from motlink.errors import Busy, Conflict, Invalid, MotlinkError, NotAllowed, NotFound

NO_DATABASE = 7
EXIT_CODES: tuple[tuple[type[MotlinkError], int], ...] = (
    (Busy, NO_DATABASE),
    (NotAllowed, 3),
    (NotFound, 4),
    (Conflict, 5),
    (Invalid, 6),
    (MotlinkError, 1),
)

plain: dict[str, Any] = {
    "no_args_is_help": True,
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}
app = typer.Typer(
    help="motlink: the people of a therapy practice. Settings: MOTLINK_… (see README).", **plain
)
staff = typer.Typer(help="Staff of a practice.", **plain)
audit = typer.Typer(help="The audit log.", **plain)
sessions = typer.Typer(help="Sign-ins that are open.", **plain)
second_step = typer.Typer(help="The second step at sign-in.", **plain)
mail = typer.Typer(help="How letters leave.", **plain)
app.add_typer(staff, name="staff")
app.add_typer(mail, name="mail")
app.add_typer(audit, name="audit")
app.add_typer(sessions, name="sessions")
app.add_typer(second_step, name="second-step")

Org = Annotated[
    str, typer.Option("--org", help="The practice: its part of the address, such as riverbend-therapy.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
As = Annotated[
    str, typer.Option("--as", help="Act as this member (email), with their privileges; else as the system.")
]
Preview = Annotated[bool, typer.Option("--preview", help="Only say what would happen to each row.")]
AllOrNothing = Annotated[
    bool, typer.Option("--all-or-nothing", help="Import nothing where any row is refused.")
]
Inactive = Annotated[bool, typer.Option("--inactive", help="With the people who are inactive.")]


@app.command()
def serve(
    demo: Annotated[bool, typer.Option(help="Make the demo practice where there is no practice yet.")] = True,
) -> None:
    """Migrate, make the demo practice the first time, and run motlink until stopped."""
    from motlink.cli_serve import run

    run(demo=demo)


@app.command()
def worker() -> None:
    """Do the waiting work (mail) in a process of its own; needs MOTLINK_REDIS_URL."""
    from motlink.cli_operate import work_on

    work_on()


@app.command()
def migrate() -> None:
    """Bring the database up to date; harmless when nothing is to be done or two start at once."""
    from motlink.migrations import head
    from motlink.migrations import migrate as bring_up_to_date

    changed = bring_up_to_date()
    typer.echo(f"The database is {'now' if changed else 'already'} at revision {head()}.")


@app.command()
def demo(
    staff: Annotated[
        int, typer.Option(help="Fill the practice up to this many people.", min=0, max=200_000)
    ] = 0,
    as_json: Json = False,
) -> None:
    """Make the demo practice and print its sign-ins, once. With --staff, fill it up with generated people."""
    from motlink.cli_serve import make_demo

    make_demo(staff=staff, as_json=as_json)


@app.command("create-owner")
def create_owner(
    org: Annotated[
        str, typer.Option("--org", help="Name of the practice; made where it does not exist yet.")
    ],
    email: Annotated[str, typer.Option(help="The owner's email.")],
    first_name: Annotated[str, typer.Option(help="First name.")] = "",
    last_name: Annotated[str, typer.Option(help="Last name.")] = "",
    time_zone: Annotated[
        str, typer.Option(help="The practice's zone, for a new practice.")
    ] = "America/New_York",
) -> None:
    """Make a practice's owner and print a one-hour set-up link, never a password."""
    from motlink.cli_people import make_owner

    typer.echo(
        make_owner(name=org, email=email, first_name=first_name, last_name=last_name, time_zone=time_zone)
    )


@app.command()
def invite(email: str, org: Org, as_email: As = "") -> None:
    """Send a new invitation to a member who has not accepted one; older links end."""
    from motlink.cli_people import invite_member

    typer.echo(invite_member(org=org, email=email, as_email=as_email))


@app.command()
def doctor() -> None:
    """Look for what would hurt: database, disk, mail, secret, time zones. Exit code 1 on an error."""
    from motlink.cli_operate import examine

    raise typer.Exit(examine())


@app.command()
def routes(as_json: Json = False) -> None:
    """List every HTTP route and every event handler with the rule that guards it."""
    from motlink.cli_operate import list_routes

    list_routes(as_json=as_json)


@staff.command("import")
def import_staff(
    file: Path, org: Org, as_email: As = "", preview: Preview = False, all_or_nothing: AllOrNothing = False
) -> None:
    """Bring in the people of a CSV or .xlsx file. Nobody is invited.

    Rows that cannot be taken are printed with number and reason and written to FILE.refused.csv; then the exit
    code is 2.
    """
    from motlink.cli_import import import_file

    raise typer.Exit(
        import_file(file, org=org, as_email=as_email, only_preview=preview, all_or_nothing=all_or_nothing)
    )


@staff.command("export")
def export_staff(org: Org, as_email: As = "", inactive: Inactive = False) -> None:
    """Write the staff list as CSV, in columns that an import reads back."""
    from motlink.cli_import import export_file

    export_file(org=org, as_email=as_email, inactive=inactive)


@staff.command("deactivate")
def deactivate_staff(email: str, org: Org, as_email: As = "") -> None:
    """End a member's access at once: roles, sign-ins, links."""
    from motlink.cli_people import deactivate_member

    typer.echo(deactivate_member(org=org, email=email, as_email=as_email))


@sessions.command("end")
def end_sessions(email: str) -> None:
    """Sign a person out everywhere."""
    from motlink.cli_people import end_all_sessions

    typer.echo(end_all_sessions(email=email))


@second_step.command("remove")
def remove_second_step(email: str) -> None:
    """Take somebody's lost second step away; a letter tells them. For the owner whom nobody else can help."""
    from motlink.cli_people import remove_second_step as remove

    typer.echo(remove(email=email))


@mail.command("test")
def test_mail(address: str) -> None:
    """Send one test letter to an address now, and say what happened. Exit code 1 where it did not leave."""
    from motlink.cli_mail import send_test

    raise typer.Exit(send_test(address))


@audit.command("verify")
def verify_audit() -> None:
    """Check every chain of the audit log; names each fault, exit code 1 where there is one."""
    from motlink.cli_operate import verify

    raise typer.Exit(verify())


def main() -> None:
    """Run a command; a refusal becomes its sentence and its exit code."""
    try:
        app()
    except MotlinkError as refusal:
        typer.echo(str(refusal), err=True)
        raise SystemExit(next(code for kind, code in EXIT_CODES if isinstance(refusal, kind))) from None
    except Exception as error:
        if not _is_database_away(error):
            raise
        typer.echo("The database does not answer. `motlink doctor` says more.", err=True)
        raise SystemExit(NO_DATABASE) from None


def _is_database_away(error: Exception) -> bool:
    loaded = sys.modules.get("sqlalchemy.exc")
    return loaded is not None and isinstance(error, loaded.OperationalError)


if __name__ == "__main__":
    main()
