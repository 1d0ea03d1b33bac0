"""Whether the deployed API answers, refuses strangers, and holds no right that it does not use."""

import gzip
import json
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

import api
import cases
import production
import rights
import tokens
import watch
from issuer import Issuer
from stack import Stack, aws

ROOT = Path(__file__).parents[3]
OPEN = {"GET /", "GET /docs", "GET /docs/{asset}", "GET /openapi.json"}


class Score:
    passed = failed = 0

    def hold(self, holds, shows, but=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED: {shows}\n  {but}", flush=True)

    def run(self, check, *given):
        """One of the checks below; where it cannot go on, that is a failure of it."""
        try:
            check(self, *given)
        except Exception:
            self.hold(False, check.__name__.replace("_", " "), traceback.format_exc(limit=-1))


def empty(table):
    store = aws("dynamodb")
    for page in store.get_paginator("scan").paginate(TableName=table, ProjectionExpression="PK, SK"):
        for key in page["Items"]:
            store.delete_item(TableName=table, Key=key)


def every_route_is_closed(score, routes):
    for key, route in routes.items():
        closed = ("Token", ["parc/read" if key.startswith("GET ") else "parc/write"])
        wanted = ("NONE", []) if key in OPEN else closed
        found = (route["authorizer"], route["scopes"])
        score.hold(found == wanted, f"who may call {key}", f"not {wanted} but {found}")


def the_documentation_is_open(score, stack, routes):
    stranger = api.Api(stack.names["Api"])
    for path, status in {"/": 307, "/docs": 200, "/openapi.json": 200}.items():
        got = stranger.call("GET", path)
        score.hold(got.status == status, f"anyone may read {path}", f"not {status} but {got.status} {got.text[:200]}")
    got = stranger.call("GET", "/openapi.json", headers={"accept-encoding": "gzip"})
    document = json.loads(gzip.decompress(got.text))
    told = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    score.hold(told == set(routes) - OPEN, "the document tells of every route that is deployed", told)


def wrong_tokens_are_refused(score, stack, routes, wrong):
    for shows, (token, answered) in wrong.items():
        caller = api.Api(stack.names["Api"], token)
        for key, route in routes.items():
            status = answered.get("".join(route["scopes"])) if isinstance(answered, dict) else answered
            if status is not None:
                method, path = key.split(" ")
                got = caller.ask(
                    method, path.replace("{", "").replace("}", ""), None if method in ("GET", "DELETE") else {}
                )
                score.hold(got.status == status, f"{shows}, {key}", f"not {status} but {got.status} {got.text}")
    items = aws("dynamodb").scan(TableName=stack.names["Table"], Select="COUNT")["Count"]
    score.hold(items == 0, "what was refused wrote nothing", f"{items} items")


def right_tokens_are_taken(score, stack, forge):
    """What is forged in no way is taken: the wrong ones above are refused for what is wrong with each."""
    tries = {
        "both scopes": {},
        "the scope to read": {"scope": "parc/read"},
        "an audience": {"aud": forge.claims["client_id"]},
    }
    for shows, changes in tries.items():
        got = api.Api(stack.names["Api"], forge.token(**changes)).ask("GET", "/clients/all")
        score.hold(got.status == 200, f"a token with {shows}", f"{got.status} {got.text}")


def recorded_answers_are_given(score, stack, caller):
    for path in sorted((ROOT / "local/tests/api/cases").glob("*.json")):
        empty(stack.names["Table"])
        for shows, differs in cases.replay(path, caller):
            score.hold(differs is None, f"{path.name}: {shows}", differs)


def every_right_is_used(score, caller, key, function):
    role = rights.Role(function)
    statuses = rights.attempt(caller, key, role.secret)
    score.hold(set(statuses) == {200}, f"{key} with its own role", statuses)
    for policy, right in role.rights():
        action, resource = right["Action"], right["Resource"]
        score.hold("*" not in action + resource, f"{key} names each right", right)
        role.lose(policy, right)
        try:
            statuses = rights.attempt(caller, key, role.secret)
        finally:
            role.restore(policy)
        score.hold(503 in statuses, f"{key} needs {action} on {resource.split(':')[-1]}", f"without it: {statuses}")


def no_role_serves_another_function(score, caller, routes):
    """Each function with the role of its neighbour in the list, whose rights are others."""
    roles = {key: rights.Role(route["function"]) for key, route in routes.items()}
    keys = list(roles)
    for key, neighbour in zip(keys, keys[1:] + keys[:1]):
        own, other = roles[key], roles[neighbour]
        if other.holds(own):
            continue
        own.take(other)
        try:
            statuses = rights.attempt(caller, key, own.secret)
        finally:
            own.give_back()
        score.hold(503 in statuses, f"{key} with the role of {neighbour} fails", statuses)


def another_issuer_counts(score, stack, cognito):
    """The stack that was deployed with an issuer of its own has no user pool, and takes that issuer's tokens."""
    routes = stack.open_routes()
    every_route_is_closed(score, routes)
    score.hold("UserPool" not in stack.names, "another issuer needs no user pool")
    issuer = Issuer(os.environ["ISSUER"])
    everything = {"aud": "parc-test", "scope": "parc/read parc/write"}
    tries = {
        "its token": (issuer.token(**everything), 200),
        "one for several audiences": (issuer.token(**everything | {"aud": ["other", "parc-test"]}), 200),
        "one for another audience": (issuer.token(**everything | {"aud": "other"}), 401),
        "one for none": (issuer.token(scope=everything["scope"]), 401),
        "an expired one": (issuer.token(**everything, exp=1), 401),
        "one that may not read": (issuer.token(aud="parc-test", scope="parc/write"), 403),
        "Cognito's": (cognito, 401),
    }
    for shows, (token, status) in tries.items():
        got = api.Api(stack.names["Api"], token).ask("GET", "/clients/all")
        score.hold(got.status == status, f"another issuer: {shows}", f"not {status} but {got.status} {got.text}")


def every_alarm_is_heard(score, stack):
    queue, alarms = watch.listen(stack), watch.alarms(stack)
    for alarm in alarms:
        watch.feed(alarm, alarm["Threshold"])
        score.hold(watch.state(alarm) == "ALARM", f"{alarm['AlarmName']} fires", watch.state(alarm))
    heard = watch.heard(queue)
    for alarm in alarms:
        score.hold(alarm["AlarmName"] in heard, f"{alarm['AlarmName']} is heard", heard)
    mails = aws("sns").list_subscriptions_by_topic(TopicArn=stack.names["Alarms"])["Subscriptions"]
    score.hold("email" in {mail["Protocol"] for mail in mails}, "the e-mail address hears of alarms", mails)


def foreign_pages_may_not_call(score, stack):
    def cors(resources):
        return resources["Api"]["Properties"]["Body"]["x-amazon-apigateway-cors"]

    found = stack.value(cors(stack.resources))
    score.hold(found is None, "no page of another origin may call", found)
    origins = "https://one.example,https://two.example"
    found = cors(production.expand(ROOT / "template.yaml", CorsOrigins=origins))["Fn::If"][1]["allowOrigins"]
    score.hold(found == {"Fn::Split": [",", origins]}, "pages of the origins that are named may call", found)


def production_changes_gradually(score):
    resources = production.expand(ROOT / "template.yaml", Environment="prod")
    aliases = [name for name, made in resources.items() if made["Type"] == "AWS::Lambda::Alias"]
    functions = [name for name, made in resources.items() if made["Type"] == "AWS::Lambda::Function"]
    alarm = resources["Faults"]["Properties"]["AlarmName"]
    ungradual, circle = production.ungradual(resources, alarm), production.circle(resources)
    score.hold(len(aliases) == len(functions), "in production every function has its alias", aliases)
    score.hold(not ungradual, "in production every function changes gradually, and back at an alarm", ungradual)
    score.hold(not circle, "in production no resource waits for itself", circle)


def the_log_keeps_secrets(score, stack, token):
    """The functions' log lines of all that was asked until now."""
    pages = aws("logs").get_paginator("filter_log_events").paginate(logGroupName=stack.names["Logs"])
    lines = [event["message"] for page in pages for event in page["events"]]
    score.hold(len(lines) > 500, "the functions log", f"{len(lines)} lines")
    secrets = {
        "a nom": "Essai|Boulangerie|Café",
        "a code": rf"\b{rights.FIRST_CODE // 100}\d\d\b",
        "a token": re.escape(token[:40]),
    }
    for shows, secret in secrets.items():
        found = [line for line in lines if re.search(secret, line)]
        score.hold(not found, f"{shows} is in no log line", found[:3])


def the_gateway_logs_no_request(score, stack):
    stage = next(made for made in stack.resources.values() if made["Type"] == "AWS::ApiGatewayV2::Stage")
    logged = json.loads(stage["Properties"]["AccessLogSettings"]["Format"])
    telling = [value for value in logged.values() if re.search(r"path|querystring|claims|identity|header", value, re.I)]
    score.hold(not telling, "the access log holds nothing of a request but its route", telling)


def operator(table, *command):
    """Runs a command of an operator on a deployed table."""
    options = ["--endpoint", os.environ["AWS_ENDPOINT_URL"], "--table", table]
    return subprocess.run([os.environ["PARC"], *command, *options], capture_output=True, text=True)


def the_table_is_checked(score, stack):
    table = stack.names["Table"]
    verified = operator(table, "verify")
    score.hold(verified.returncode == 0, "the functions left a table in which nothing is wrong", verified.stdout)
    score.hold(operator(table, "layout").returncode == 0, "this version can use the table")
    layout = {"PK": {"S": "LAYOUT"}, "SK": {"S": "LAYOUT"}, "layout": {"N": "1"}}
    aws("dynamodb").put_item(TableName=table, Item=layout)
    for command in ("layout", "verify"):
        refused = operator(table, command)
        said = "has layout 1, and this version of parc needs layout 3" in refused.stderr
        score.hold(refused.returncode == 1 and said, f"{command} refuses an older layout", refused.stderr)


def everything_is_tagged(score, stack):
    tagged = {
        found["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in found["Tags"]}
        for page in aws("resourcegroupstaggingapi").get_paginator("get_resources").paginate()
        for found in page["ResourceTagMappingList"]
    }
    for name in ("Table", "ClientsAll", "UserPool", "Alarms"):
        tags = next((tags for arn, tags in tagged.items() if stack.names[name] in arn), {})
        score.hold(tags.get("application") == "parc", f"{name} is tagged", tags)


def main():
    score, stack = Score(), Stack("parc-dev")
    routes = stack.open_routes()
    closed = {key: route for key, route in routes.items() if key not in OPEN}
    pool, client = stack.outputs["UserPoolId"], stack.outputs["ClientId"]
    known = aws("cognito-idp").describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
    domain = stack.outputs["TokenUrl"].split("/")[2]
    token = api.token(domain, client, known["ClientSecret"], tokens.SCOPES)
    caller = api.Api(stack.names["Api"], token)
    forge = tokens.Forge(token, tokens.load(Path(os.environ["STATE_DIR"]) / "cognito-pool-keys" / f"{pool}-access.pem"))

    score.run(every_route_is_closed, routes)
    score.run(the_documentation_is_open, stack, routes)
    # For the page, which is tried in a browser after this.
    Path(os.environ["STATE_DIR"], "caller").write_text(f"http://{caller.host} {token}\n")
    score.run(wrong_tokens_are_refused, stack, closed, tokens.wrong(stack, domain, forge))
    score.run(right_tokens_are_taken, stack, forge)
    score.run(recorded_answers_are_given, stack, caller)
    for key, route in closed.items():
        score.run(every_right_is_used, caller, key, route["function"])
    score.run(no_role_serves_another_function, caller, closed)
    score.run(the_table_is_checked, stack)
    score.run(the_log_keeps_secrets, stack, token)
    score.run(the_gateway_logs_no_request, stack)
    score.run(everything_is_tagged, stack)
    score.run(foreign_pages_may_not_call, stack)
    score.run(production_changes_gradually)
    other = Stack("parc-issuer")
    score.run(another_issuer_counts, other, token)
    score.run(every_alarm_is_heard, other)
    print(f"{score.passed} passed, {score.failed} failed")
    return score.failed > 0


sys.exit(main())
