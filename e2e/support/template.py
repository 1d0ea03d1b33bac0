"""The template, as written and as SAM expands it."""

import logging
import re
from types import SimpleNamespace

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from support.paths import ROOT

TEXT = (ROOT / "template.yaml").read_text()
YAML = yaml_parse(TEXT)
RESOURCES = YAML["Resources"]


def names(kind):
    """Returns the logical names of the resources of a type."""
    return [name for name, resource in RESOURCES.items() if resource["Type"] == kind]


def expand(**parameters):
    """Returns the resources of a stack that is deployed with these parameters."""
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    template = yaml_parse(TEXT.replace("CodeUri: target/", "CodeUri: s3://bucket/"))
    return transform(template, parameters, SimpleNamespace(load=dict))["Resources"]


def references(value):
    """Returns the resources that a value of the template names, and possibly other words."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, item in value.items():
        if key == "Ref":
            found.add(item)
        elif key == "Fn::GetAtt":
            found.add(item[0] if isinstance(item, list) else item.split(".")[0])
        elif key == "Fn::Sub" and isinstance(item, str):
            found |= set(re.findall(r"\$\{(\w+)", item))
        elif key == "DependsOn":
            found |= {item} if isinstance(item, str) else set(item)
        else:
            found |= references(item)
            if key == "Fn::Sub":
                found |= set(re.findall(r"\$\{(\w+)", item[0]))
    return found


def circular(resources):
    """Returns the resources in a dependency cycle, which CloudFormation refuses."""
    waiting = {name: references(resource) & resources.keys() for name, resource in resources.items()}
    while ready := [name for name, others in waiting.items() if not others & waiting.keys()]:
        for name in ready:
            del waiting[name]
    return set(waiting)
