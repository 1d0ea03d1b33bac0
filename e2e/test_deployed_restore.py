"""The steps of docs/restoring.md, on a stack of its own.

The emulator restores a table as it is now, whatever the time, so the table is restored before it is damaged. Its
CloudFormation ignores the policy of a table, so the policy is applied from the processed template; and it does not
enforce it, so the roles of the functions get the same statement, without the condition that names these roles: to the
emulator, `aws:PrincipalArn` is a session and not its role. It does not throttle, so only the settings are checked.
"""

import subprocess
from fnmatch import fnmatchcase

import pytest

from support.roles import Role
from support.routes import PROTECTED, PUBLIC
from support.scenarios import CODES, Scenario, play_all
from support.server import PARC
from support.stack import Stack

STACK, RESTORED = "parc-restore", "parc-restored"
LISTS = ["/clients/all", "/sites/all", "/equipements/all", "/clients/all?nom=essai", "/equipements/all?nom=essai"]


@pytest.fixture(scope="module")
def stack(emulator):
    emulator.deploy("--stack-name", STACK, "--parameter-overrides", "Environment=dev", "LogRetentionDays=14")
    return Stack(emulator, STACK)


@pytest.fixture(scope="module")
def api(stack):
    return stack.api(stack.token)


@pytest.fixture(scope="module")
def entities(api):
    """A client, a site and an équipement, after every function has used the table."""
    play_all(api)
    scenario = Scenario(api)
    client = scenario.client()
    site = scenario.site(client)
    return {"clients": client, "sites": site, "equipements": scenario.equipement(site)}


@pytest.fixture(scope="module")
def inactive(api, entities):
    """Inactive entities, whose parents are active."""
    scenario = Scenario(api)
    client, site = scenario.client(), scenario.site(entities["clients"])
    inactive = {"clients": client, "sites": site, "equipements": scenario.equipement(entities["sites"])}
    for kind, entity in inactive.items():
        scenario.prepare("DELETE", f"/{kind}/{entity}")
    return inactive


@pytest.fixture(scope="module")
def read(api, entities):
    """Reads what the API shows: lists, searches, entities and histories, with their ETags."""
    paths = LISTS + [f"/{kind}/{entity}/{part}" for kind, entity in entities.items() for part in ("infos", "historique")]

    def read():
        answers = {path: api.call("GET", path) for path in paths}
        return {path: (answer.status, answer.headers.get("etag"), answer.body) for path, answer in answers.items()}

    return read


def writes(api, entities, inactive):
    """Returns the statuses of one call of each function that writes."""
    client, site, equipement = entities["clients"], entities["sites"], entities["equipements"]
    calls = [
        ("POST", "/clients/register", {"nom": "Essai", "code": next(CODES)}),
        ("PUT", "/clients/update", {"client_id": client, "nom": "Autre", "code": next(CODES)}),
        ("POST", "/sites/register", {"client_id": client, "nom": "Essai"}),
        ("PUT", "/sites/update", {"site_id": site, "nom": "Autre"}),
        ("POST", "/equipements/register", {"site_id": site, "nom": "Essai"}),
        ("PUT", "/equipements/update", {"equipement_id": equipement, "site_id": site, "nom": "Autre"}),
        ("POST", "/lot", {"operations": [{"op": "update", "kind": "site", "body": {"site_id": site, "nom": "Encore"}}]}),
        *(("POST", f"/{kind}/{entity}/reactivate", None) for kind, entity in inactive.items()),
        *(("DELETE", f"/{kind}/{entity}", None) for kind, entity in reversed(entities.items())),
    ]
    return [api.call(method, path, fields).status for method, path, fields in calls]


def damage(stack, api, entities):
    """Changes, deletes and adds items, as a faulty program might."""
    dynamodb, table = stack.emulator.client("dynamodb"), stack.names["Table"]
    items = dynamodb.scan(TableName=table)["Items"]
    for item in items[::3]:
        dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("PK", "SK")})
    for item in items[1::3]:
        if "nom" in item:
            dynamodb.put_item(TableName=table, Item=item | {"nom": {"S": "Abîmé"}})
    client = {"PK": {"S": f"CLIENT#{entities['clients']}"}, "SK": {"S": "CLIENT"}}
    dynamodb.delete_item(TableName=table, Key=client)
    Scenario(api).equipement()


def throttles(stack):
    """Returns the limits of the routes that use the table, as the template sets them with the stack's parameters."""
    [stage] = [each for each in stack.resources.values() if each["Type"] == "AWS::ApiGatewayV2::Stage"]
    stage = stack.resolve(stage["Properties"])
    own = [setting for route, setting in stage["RouteSettings"].items() if route not in PUBLIC]
    settings = [stage["DefaultRouteSettings"], *own]
    return {int(setting[name]) for setting in settings for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit")}


@pytest.fixture
def copy(stack):
    def copy():
        command = [PARC, "copy", "--endpoint", stack.emulator.url, "--from", RESTORED, "--to", stack.names["Table"]]
        return subprocess.run(command, env=stack.emulator.environment, capture_output=True, text=True)

    return copy


def test_maintenance_denies_every_function_its_writes(stack, api, entities, inactive):
    stack.update(Maintenance="true")
    [statement] = stack.table_policy()["Statement"]
    stack.update(Maintenance="false")
    del statement["Principal"]
    pattern = statement.pop("Condition")["ArnLike"]["aws:PrincipalArn"]
    roles = [Role(stack.emulator, stack.routes[route]["function"]) for route in PROTECTED]
    arns = [f"arn:aws:iam::{stack.names['AWS::AccountId']}:role/{role.name}" for role in roles]
    assert [arn for arn in arns if not fnmatchcase(arn, pattern)] == []
    for role in roles:
        role.put("maintenance", [statement])
    try:
        statuses = writes(api, entities, inactive)
    finally:
        for role in roles:
            role.put("maintenance", [])
    assert set(statuses) == {503}
    assert api.call("GET", "/clients/all").status == 200


def test_restored_table_is_copied_back(stack, api, entities, inactive, read, copy):
    dynamodb = stack.emulator.client("dynamodb")
    before = read()
    assert {status for status, _, _ in before.values()} == {200}
    table = stack.names["Table"]
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=RESTORED, UseLatestRestorableTime=True
    )
    dynamodb.get_waiter("table_exists").wait(TableName=RESTORED)
    damage(stack, api, entities)
    assert read() != before

    refused = copy()
    assert refused.returncode == 1
    assert f"table {table} accepts writes" in refused.stderr
    assert throttles(stack) == {10, 100}

    stack.update(Maintenance="true")
    assert throttles(stack) == {0}
    copied = copy()
    assert copied.returncode == 0, copied.stdout + copied.stderr
    assert stack.names["Table"] == table

    stack.update(Maintenance="false")
    assert throttles(stack) == {10, 100}
    assert read() == before
    assert set(writes(api, entities, inactive)) == {200}
    assert copy().returncode == 1

    dynamodb.delete_table(TableName=RESTORED)
    assert read() != before
