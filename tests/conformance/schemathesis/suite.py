"""Proves: requests that a machine makes up from schema.graphql, valid in form and odd in value, never meet a server
error, always get JSON with codes of the published list, and no answer tells anything of the inside. One check for each
field of Query and Mutation and each person; what is made up is the same in every run."""

import json
import os
import re
import string
import urllib.request

import checks
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

URL = os.environ["OSH_URL"]
EXAMPLES = 6
PERSONS = ["anonymous", "demo-employer_admin", "demo-ministry"]
with open(os.environ["OSH_TOKENS"], encoding="utf-8") as file:
    TOKENS = json.load(file)

# Words of the program, the database and the machine. None of them is a word of an answer.
INTERNAL = re.compile(
    r"sea[_-]?orm|sqlx|sqlite|postgres|redis|panicked|backtrace|unwrap\(\)|async.graphql|\bSELECT\b.+\bFROM\b|"
    r"constraint failed|\.rs:\d|\.cargo|/(home|root|tmp|usr|src)/",
    re.IGNORECASE,
)


def headers(person):
    return {} if person == "anonymous" else {"Authorization": f"Bearer {TOKENS[person]}"}


def ask(person, query):
    body = json.dumps({"query": query}).encode()
    sent = {"Content-Type": "application/json", **headers(person)}
    with urllib.request.urlopen(urllib.request.Request(URL, body, sent)) as answer:
        return json.load(answer)["data"]


def known():
    """Ids and BINs that exist, so that made-up requests get past the look-up."""
    data = ask(
        "demo-employer_admin",
        "{ enterprises { nodes { id bin workplaces(first: 3) { nodes { id currentAssessment { id } } } } } }",
    )
    enterprises = data["enterprises"]["nodes"]
    workplaces = [node for one in enterprises for node in one["workplaces"]["nodes"]]
    assessments = [node["currentAssessment"]["id"] for node in workplaces if node["currentAssessment"]]
    ids = [one["id"] for one in enterprises + workplaces] + assessments
    return ids, [one["bin"] for one in enterprises]


IDS, BINS = known()
CODES = set(ask("anonymous", "{ serviceConfig { errorCodes } }")["serviceConfig"]["errorCodes"])
# What these say is a fault of the server, whatever the request was.
FAULTS = {"INTERNAL", "TIMEOUT", "UNAVAILABLE"}


def texts(*strategies):
    odd = st.one_of(
        st.text(max_size=20), st.sampled_from(["", " ", "\u0000", "'", '"; --', "%", "\U0001f600", "0" * 300])
    )
    return st.one_of(*strategies, odd).map(nodes.String)


def digits(least, most):
    return st.text(string.digits, min_size=least, max_size=most)


def with_check_digit(head):
    """A BIN ends with the remainder by 11 of its weighted digits; a remainder of 10 takes the second row of weights."""
    for weights in ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]):
        rest = sum(int(digit) * weight for digit, weight in zip(head, weights)) % 11
        if rest < 10:
            return head + str(rest)
    return head + "0"


decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**16), max_value=10**16, places=6).map(
    lambda number: format(number, "f")
)
STRATEGIES = {
    "ID": texts(st.sampled_from(IDS), st.sampled_from(IDS).map(lambda known: known[:-3])),
    "Bin": texts(st.sampled_from(BINS), digits(11, 11).map(with_check_digit), digits(12, 12)),
    "Date": texts(st.dates().map(str), st.sampled_from(["2026-02-30", "2026-07-01", "0000-01-01", "9999-12-31"])),
    "DateTime": texts(st.datetimes().map(lambda moment: moment.isoformat() + "Z")),
    "Decimal": texts(decimals, st.sampled_from(["1e400", "-0", "NaN", "9" * 40])),
    "KatoCode": texts(digits(9, 9), st.sampled_from(["350000000", "710000000"])),
    "Money": texts(decimals, st.integers(0, 10**15).map(str)),
    "OkedCode": texts(digits(1, 6), st.sampled_from(["24101", "B", "41201"])),
    "Percent": texts(decimals),
}
for scalar, strategy in STRATEGIES.items():
    schemathesis.graphql.scalar(scalar, strategy)

schema = schemathesis.graphql.from_path(os.environ["OSH_SCHEMA"])
operations = [found.ok() for found in schema.get_all_operations()]
seen = {"requests": 0, "with data": 0, "found by id": 0, "mutations": 0}


def judge(case, answer):
    told = f"{answer.status_code} {answer.headers.get('content-type')} {answer.text[:2000]}\n{case.body}"
    assert answer.status_code < 500, told
    kind = str(answer.headers.get("content-type"))
    assert "application/json" in kind or "application/graphql-response+json" in kind, told
    assert not INTERNAL.search(answer.text), f"{INTERNAL.search(answer.text)} in {told}"
    body = answer.json()
    assert "data" in body or body.get("errors"), told
    for error in body.get("errors", []):
        code = error["extensions"]["code"]
        assert code in CODES, told
        assert code not in FAULTS, told
    seen["requests"] += 1
    data = body.get("data") or {}
    if any(value is not None for value in data.values()):
        seen["with data"] += 1
        seen["found by id"] += any(known in str(case.body) for known in IDS)
        seen["mutations"] += str(case.body).lstrip().startswith("mutation")


def hammer(operation, person):
    @seed(20260101)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(case=operation.as_strategy())
    def made_up(case):
        judge(case, case.call(base_url=URL, headers=headers(person)))

    made_up()


for operation in operations:
    for person in PERSONS:
        checks.check(f"{operation.label} as {person}", lambda: hammer(operation, person))


def reached():
    assert all(seen.values()), seen
    assert seen["requests"] >= 100, seen


checks.check("made-up requests got past validation: queries, mutations, things that exist", reached)
print(f"# {seen}")
checks.end()
