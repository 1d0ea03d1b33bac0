"""The role with which GitHub deploys, and the scripts of `deploy/` that it runs."""

import json
import subprocess
from contextlib import contextmanager

from support import environments
from support.emulator import STAGE, parsed
from support.paths import BUILT, ROOT
from support.tokens import encode

ISSUER = "https://token.actions.githubusercontent.com"
REPOSITORY = "example/parc"


def outputs(emulator, stack):
    described = emulator.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def github_token(**claims):
    """Returns a token like those of GitHub. The emulator reads its claims and does not verify its signature."""
    claims = {"iss": ISSUER, "aud": "sts.amazonaws.com"} | claims
    return ".".join([*(encode(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims)), "signature"])


class Deployer:
    """The role of `deploy/account.yaml` that the workflow assumes for an environment."""

    def __init__(self, emulator, environment):
        self.emulator, self.environment = emulator, environment
        account = f"deploy-parc-{environment}"
        # As docs/deploying.md describes it.
        self.iam = emulator.client("iam")
        self.iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
        options = ["--template-file", ROOT / "deploy/account.yaml", "--stack-name", account, "--resolve-s3"]
        parameters = [f"Environment={environment}", f"Repository={REPOSITORY}"]
        emulator.deploy(*options, "--capabilities", "CAPABILITY_IAM", "--parameter-overrides", *parameters)
        # SAM's bucket refuses requests without TLS, which the emulator does not speak.
        bucket = outputs(emulator, "aws-sam-cli-managed-default")["SourceBucket"]
        emulator.client("s3").delete_bucket_policy(Bucket=bucket)
        self.outputs = outputs(emulator, account)
        self.role = self.outputs["DeployerRole"].rsplit("/", 1)[1]
        self.policy = parsed(self.iam.get_role_policy(RoleName=self.role, PolicyName="deploy")["PolicyDocument"])

    def assume(self, **claims):
        sts = self.emulator.client("sts")
        return sts.assume_role_with_web_identity(
            RoleArn=self.outputs["DeployerRole"], RoleSessionName="e2e", WebIdentityToken=github_token(**claims)
        )["Credentials"]

    def sign_in(self, **variables):
        """Assumes the role, and runs scripts with its credentials and these variables from now on."""
        credentials = self.assume(sub=f"repo:{REPOSITORY}:environment:{self.environment}")
        self.variables = self.emulator.environment | {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
            "PARC": str(BUILT / "parc"),
            "PARC_PARAMETERS": f"PermissionsBoundary={self.outputs['BoundaryPolicy']}",
            "PATH": environments.search_path("aws", "sam"),
        } | variables

    def run(self, script, *options, **variables):
        """Runs a script of `deploy/` in the folder from which SAM deploys."""
        command = [ROOT / "deploy" / script, *options]
        environment = self.variables | variables
        return subprocess.run(command, cwd=STAGE, env=environment, capture_output=True, text=True)

    def deploy(self, config, *options):
        role = self.outputs["CloudFormationRole"]
        return self.run("stack", config, "--no-confirm-changeset", "--no-progressbar", "--role-arn", role, *options)

    @contextmanager
    def without(self, sid):
        """Removes one statement from the role's rights."""
        self.put([statement for statement in self.policy["Statement"] if statement["Sid"] != sid])
        try:
            yield
        finally:
            self.put(self.policy["Statement"])

    def put(self, statements):
        document = json.dumps(self.policy | {"Statement": statements})
        self.iam.put_role_policy(RoleName=self.role, PolicyName="deploy", PolicyDocument=document)
