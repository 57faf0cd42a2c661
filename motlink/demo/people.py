"""The people of the demo practice, as data, and as many more as a test of size needs. All of them are made up."""

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class DemoPerson:
    """Someone in the demo. `state`: joined, invited, expired, inactive or new (never invited)."""

    first: str
    last: str
    roles: tuple[str, ...]
    tags: tuple[str, ...] = ()
    designation: str = ""
    phone: str = ""
    state: str = "joined"
    username: str = ""
    # Of an External Agent, whose email is no practice's.
    agent_email: str = ""


RIVERBEND, HARBOR = "Riverbend Therapy", "Harbor Speech"
# Works for both practices with one login.
AGENT = DemoPerson(
    "Zora",
    "Bell",
    ("biller",),
    (),
    "Billing service",
    "(617) 555-0190",
    username="zora",
    agent_email="zora@bellbilling.example",
)

# Those with a username get a password, printed once.
STAFF = (
    DemoPerson("Ana", "Morales", ("owner",), (), "Practice Director", "(617) 555-0101", username="ana"),
    DemoPerson(
        "Ben", "Okafor", ("manager",), ("Spanish",), "Office Manager", "(617) 555-0102", username="ben"
    ),
    DemoPerson(
        "Cleo", "Winters", ("therapist",), ("ADOS-2", "Telehealth"), "BCBA", "(617) 555-0103", username="cleo"
    ),
    DemoPerson("Fay", "Lindqvist", ("staff_administrator",), (), "HR", "(617) 555-0104", username="fay"),
    DemoPerson("Gus", "Petrov", ("scheduler",), (), "Front Desk", "(617) 555-0105", username="gus"),
    DemoPerson("Hana", "Sato", ("auditor",), (), "Compliance", "(617) 555-0106", username="hana"),
    DemoPerson("Ivo", "Marchetti", (), (), "RBT", "(617) 555-0107", username="ivo"),
    DemoPerson(
        "Aaliyah",
        "Brooks",
        ("therapist", "supervisor"),
        ("Aetna", "Feeding", "In-home"),
        "BCBA-D",
        "(617) 555-0110",
    ),
    DemoPerson(
        "Mateo", "Silva", ("therapist",), ("Spanish", "Evenings", "Medicaid"), "SLP", "(617) 555-0111"
    ),
    DemoPerson(
        "Siobhán", "O’Brien", ("therapist",), ("Early intervention", "Blue Cross"), "OT", "(617) 555-0112"
    ),
    DemoPerson("小龙", "李", ("therapist",), ("Mandarin", "Telehealth"), "Psychologist", "(617) 555-0113"),
    DemoPerson("Priya", "Raghunathan", ("supervisor",), ("Vineland-3", "Cigna"), "BCBA", "(617) 555-0114"),
    DemoPerson("Noor", "al-Hassan", ("intern",), ("Arabic", "Saturday"), "Student", "(617) 555-0115"),
    DemoPerson("Tomás", "Núñez", ("scheduler", "biller"), ("Spanish",), "Front Desk", "(617) 555-0116"),
    DemoPerson("Wendy", "Kowalczyk", ("biller",), (), "Billing", "(617) 555-0117"),
    DemoPerson("Jonas", "Field", ("reporting",), (), "Analyst", "(617) 555-0118"),
    DemoPerson("Ruth", "Abara", ("records_custodian",), (), "Records", "(617) 555-0119"),
    DemoPerson("Leo", "Castellano", ("therapist",), ("ASL", "In-home"), "SLP", "(617) 555-0120", "invited"),
    DemoPerson("Mina", "Haddad", ("intern",), (), "Student", "", "invited"),
    DemoPerson("Oscar", "Dahl", ("therapist",), ("Self-pay",), "OT", "(617) 555-0122", "expired"),
    DemoPerson("Petra", "Novak", (), (), "RBT", "(617) 555-0123", "joined"),
    DemoPerson("Quentin", "Ashe", ("therapist",), ("Aetna",), "BCaBA", "(617) 555-0124", "inactive"),
    DemoPerson("Rosa", "Delgado", ("manager",), (), "Office Manager", "(617) 555-0125", "inactive"),
    DemoPerson("Stefan", "Weiss", ("therapist",), ("Waitlist", "Evenings"), "SLP", "(617) 555-0126"),
    DemoPerson(
        "Tariq", "Mensah", ("therapist",), ("Accepting new clients", "Feeding"), "SLP", "(617) 555-0127"
    ),
    DemoPerson(
        "Uma", "Venkat", ("therapist",), ("Accepting new clients", "Telehealth"), "BCBA", "(617) 555-0128"
    ),
    AGENT,
)

STRANGERS = (
    DemoPerson("Dov", "Adler", ("owner",), (), "Director", "(207) 555-0101", username="dov"),
    DemoPerson("Edie", "Moss", ("therapist",), ("Telehealth",), "SLP", "(207) 555-0102"),
    AGENT,
)

# Tags come in groups, so that the roster shows what they are for.
TAG_GROUPS = {
    "Insurance": ("Aetna", "Blue Cross", "Cigna", "Medicaid", "Self-pay"),
    "Language": ("Spanish", "Mandarin", "Arabic", "ASL"),
    "Specialty": ("ADOS-2", "Feeding", "Early intervention", "Vineland-3"),
    "Availability": ("Telehealth", "In-home", "Evenings", "Saturday", "Waitlist", "Accepting new clients"),
}

_FIRST = """
Ada Amir Anja Beatriz Bo Carla Chidi Dana Deniz Eli Emeka Esme Farah Finn Gita Grace Hugo Ines Isaac Jade
Jamal June Kai Kira Lars Leila Luca Mae Marco Maya Nadia Niko Nora Omar Paula Pia Rafael Rania Rory Sam Sana
Tess Theo Umar Vera Viktor Wren Yara Yusuf Zoe
"""
_LAST = """
Abbott Adeyemi Alvarez Andersson Baptiste Becker Bianchi Byrne Carver Chen Cohen Costa Diaz Dubois Eriksen
Evans Farouk Fischer Flores Garcia Grant Gupta Haas Hale Hughes Ibrahim Ito Jansen Jung Kaur Khan Kim Kumar
Laurent Lee Lopez Malik Mbeki Mehta Meyer Moreau Nakamura Nguyen Novak Oduya Park Patel Quinn Reyes Rossi
Santos Schmidt Singh Sousa Tanaka Torres Ueda Vargas Vega Wagner Walsh Wong Yang Young Zhao Ziegler
"""
FIRST, LAST = _FIRST.split(), _LAST.split()
ROLE_SETS = (
    [("therapist",)] * 58 + [("therapist", "supervisor")] * 11 + [("intern",)] * 9 + [("scheduler",)] * 8
    + [("biller",)] * 5 + [("scheduler", "biller")] * 3 + [("reporting",)] * 2 + [("staff_administrator",)] * 2
    + [("manager",), ("records_custodian",)]
)  # fmt: skip
DESIGNATIONS = (
    "BCBA",
    "BCaBA",
    "BCBA-D",
    "RBT",
    "SLP",
    "OT",
    "Psychologist",
    "Office Manager",
    "Front Desk",
    "",
)
ALL_TAGS = tuple(tag for tags in TAG_GROUPS.values() for tag in tags)


def generated(start: int, end: int) -> Iterator[tuple[str, DemoPerson]]:
    """Return email and person number `start` to `end`, the same ones each time."""
    for number in range(start, end):
        dice = random.Random(number)  # noqa: S311 - no secret: the same number must give the same person
        first, last = dice.choice(FIRST), dice.choice(LAST)
        state = "inactive" if dice.random() < 0.06 else "new" if dice.random() < 0.03 else "joined"
        phone = f"({dice.randint(201, 989)}) 555-01{dice.randint(0, 99):02d}" if dice.random() < 0.9 else ""
        tags = tuple(dice.sample(ALL_TAGS, dice.choice((0, 0, 1, 2, 2, 3, 4))))
        someone = DemoPerson(
            first, last, dice.choice(ROLE_SETS), tags, dice.choice(DESIGNATIONS), phone, state
        )
        yield f"{first}.{last}.{number}@riverbend.example".lower(), someone
