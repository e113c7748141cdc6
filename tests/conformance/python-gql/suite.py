"""Proves: Python's gql reads the schema by introspection, checks a document against it, sends variables of our own
scalars, gets whole pages, and finds the errors by their code."""

import asyncio
import json
import os

import checks
from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from graphql import GraphQLError

with open(os.environ["OSH_TOKENS"], encoding="utf-8") as file:
    TOKENS = json.load(file)
BIN = "210240000397"


def client(person, **more):
    headers = {} if person == "anonymous" else {"Authorization": f"Bearer {TOKENS[person]}"}
    return Client(transport=AIOHTTPTransport(url=os.environ["OSH_URL"], headers=headers), **more)


def run(person, text, variables=None, **more):
    async def go():
        async with client(person, **more) as session:
            return await session.execute(GraphQLRequest(text, variable_values=variables))

    return asyncio.run(go())


def refused(person, text, variables=None):
    try:
        answer = run(person, text, variables)
    except TransportQueryError as error:
        return error
    raise AssertionError(f"answered: {answer}")


def introspection():
    async def go():
        made = client("anonymous", fetch_schema_from_transport=True)
        async with made:
            return made.schema

    schema = asyncio.run(go())
    assert {"Bin", "Decimal", "KatoCode"} <= set(schema.type_map)
    assert schema.type_map["EnterpriseBy"].is_one_of or "oneOf" in str(schema.directives)


def wrong_document():
    try:
        run("anonymous", "{ serviceConfig { nothing } }", fetch_schema_from_transport=True)
    except GraphQLError as error:
        assert "nothing" in str(error)
    else:
        raise AssertionError("not refused")


def variables():
    text = """
      query ($bin: Bin!, $day: Date) {
        enterprise(by: {bin: $bin}) { bin integralPr tariff(asOf: $day) { ratePercent coefficient } }
      }
    """
    answer = run("demo-insurer", text, {"bin": BIN, "day": "2026-07-01"}, fetch_schema_from_transport=True)
    assert answer["enterprise"]["bin"] == BIN
    assert answer["enterprise"]["tariff"] == {"ratePercent": "1.84", "coefficient": "1.4"}, answer


def pages():
    text = """
      query ($after: String) {
        enterprises(first: 25, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
      }
    """
    ids, after = [], None
    for _ in range(20):
        page = run("demo-ministry", text, {"after": after})["enterprises"]
        ids += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(ids) == page["totalCount"] == len(set(ids)) > 50, len(ids)


def codes(error):
    return [(one["extensions"]["code"], one.get("path")) for one in error.errors]


def forbidden_field():
    text = '{ enterprise(by: {bin: "%s"}) { level workplaces { nodes { code } } } }' % BIN
    error = refused("demo-analyst", text)
    assert codes(error) == [("FORBIDDEN", ["enterprise", "workplaces"])], codes(error)
    assert error.data["enterprise"]["level"] == "B", error.data


def wrong_value():
    text = "query ($bin: Bin!) { passport(bin: $bin) { level } }"
    error = refused("anonymous", text, {"bin": "12"})
    assert [code for code, _ in codes(error)] == ["BAD_USER_INPUT"], codes(error)


def too_large_page():
    error = refused("demo-ministry", "{ enterprises(first: 1000) { nodes { id } } }")
    assert [code for code, _ in codes(error)] == ["BAD_USER_INPUT"], codes(error)


def wrong_token():
    TOKENS["nobody"] = "no.such.token"
    error = refused("nobody", "{ me { role } }")
    assert [code for code, _ in codes(error)] == ["UNAUTHENTICATED"], codes(error)


checks.check("the schema comes by introspection, with our scalars", introspection)
checks.check("a document that does not fit the schema is refused before it is sent", wrong_document)
checks.check("variables of our own scalars", variables)
checks.check("pages join into the whole list, each enterprise once", pages)
checks.check("a refused field has a code and a path, and its neighbours live", forbidden_field)
checks.check("a malformed value is BAD_USER_INPUT", wrong_value)
checks.check("a page above the limit is an error", too_large_page)
checks.check("a token that does not hold is UNAUTHENTICATED", wrong_token)
checks.end()
