"""What the template is in production, where CodeDeploy shifts the traffic, which the emulator lacks."""

import logging
import re
from types import SimpleNamespace

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

logging.disable(logging.WARNING)


def expand(path, **parameters):
    """The template as SAM makes CloudFormation of it."""
    template = yaml_parse(path.read_text().replace("CodeUri: target/", "CodeUri: s3://bucket/"))
    return transform(template, parameters, SimpleNamespace(load=dict))["Resources"]


def named(told):
    """The resources that a value of the template names, and some words beside them."""
    if isinstance(told, list):
        return set().union(*map(named, told))
    if not isinstance(told, dict):
        return set()
    names = set()
    for key, item in told.items():
        if key == "Ref":
            names.add(item)
        elif key == "Fn::GetAtt":
            names.add(item[0] if isinstance(item, list) else item.split(".")[0])
        elif key == "Fn::Sub" and isinstance(item, str):
            names |= set(re.findall(r"\$\{(\w+)", item))
        elif key == "DependsOn":
            names |= {item} if isinstance(item, str) else set(item)
        else:
            names |= named(item)
            if key == "Fn::Sub":
                names |= set(re.findall(r"\$\{(\w+)", item[0]))
    return names


def circle(resources):
    """Resources that wait for each other: CloudFormation refuses them."""
    waits = {name: named(made) & resources.keys() for name, made in resources.items()}
    while ready := [name for name, others in waits.items() if not others & waits.keys()]:
        for name in ready:
            del waits[name]
    return set(waits)


def ungradual(resources, alarm):
    """The aliases that do not take their versions gradually, or not under this alarm."""
    wrong = []
    for name, made in resources.items():
        if made["Type"] == "AWS::Lambda::Alias":
            update = made.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
            group = resources.get(update.get("DeploymentGroupName", {}).get("Ref"), {}).get("Properties", {})
            watched = group.get("AlarmConfiguration", {}).get("Alarms", [])
            back = group.get("AutoRollbackConfiguration", {}).get("Events", [])
            if [each["Name"] for each in watched] != [alarm] or "DEPLOYMENT_STOP_ON_ALARM" not in back:
                wrong.append(name)
    return wrong
