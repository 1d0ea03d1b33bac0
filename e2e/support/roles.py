"""The role of a function."""

import json
from contextlib import contextmanager

from support.emulator import parsed


def as_list(value):
    return value if isinstance(value, list) else [value]


def split_statements(statements):
    """Returns the rights with one action and one resource per statement."""
    return [
        {"Effect": statement["Effect"], "Action": action, "Resource": resource}
        for statement in statements
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


def parse(document):
    """Returns the rights of a policy's document."""
    return split_statements(as_list(parsed(document)["Statement"]))


class Role:
    """The role of a function, with its inline and its managed policies."""

    def __init__(self, emulator, function):
        self.iam = emulator.client("iam")
        configuration = emulator.client("lambda").get_function_configuration(FunctionName=function)
        self.name = configuration["Role"].rsplit("/", 1)[1]
        self.policies = {}
        for policy in self.iam.list_role_policies(RoleName=self.name)["PolicyNames"]:
            document = self.iam.get_role_policy(RoleName=self.name, PolicyName=policy)["PolicyDocument"]
            self.policies[policy] = parse(document)

    def managed_rights(self):
        """Returns each right of the managed policies."""
        attached = self.iam.list_attached_role_policies(RoleName=self.name)["AttachedPolicies"]
        arns = [policy["PolicyArn"] for policy in attached]
        versions = [(arn, self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]) for arn in arns]
        documents = [
            self.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            for arn, version in versions
        ]
        return [right for document in documents for right in parse(document)]

    def rights(self):
        """Returns each right of the inline policies, with the policy that grants it."""
        return [(policy, right) for policy, rights in self.policies.items() for right in rights]

    def includes(self, other):
        """Returns whether this role has every right of another one."""
        own = [right for _, right in self.rights()]
        return all(right in own for _, right in other.rights())

    @contextmanager
    def without(self, policy, right):
        """Removes one right from the role."""
        self.put(policy, [each for each in self.policies[policy] if each != right])
        try:
            yield
        finally:
            self.put(policy, self.policies[policy])

    @contextmanager
    def replaced_by(self, other):
        """Gives the role the rights of another one instead of its own."""
        for policy in self.policies:
            self.put(policy, [])
        self.put("replacement", [right for _, right in other.rights()])
        try:
            yield
        finally:
            self.put("replacement", [])
            for policy, rights in self.policies.items():
                self.put(policy, rights)

    def put(self, policy, statements):
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.iam.put_role_policy(RoleName=self.name, PolicyName=policy, PolicyDocument=document)
        else:
            self.iam.delete_role_policy(RoleName=self.name, PolicyName=policy)
