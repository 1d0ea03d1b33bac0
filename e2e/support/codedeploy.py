"""The calls of CodeDeploy that a hook uses. The emulator of AWS has no CodeDeploy."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.threads import serving

EXECUTION = "eyJlbmNyeXB0ZWREYXRhIjoiNEpM"


class CodeDeploy:
    def __init__(self, url):
        self.url, self.deployments, self.reports = url, {}, {}

    def deploy(self, function, version):
        """Starts a deployment of a version, and returns what CodeDeploy sends to the hook."""
        deployment = f"d-{len(self.deployments):09}"
        self.deployments[deployment] = {
            "functionName": function,
            "functionAlias": "live",
            "currentVersion": "1",
            "targetVersion": version,
        }
        return {"DeploymentId": deployment, "LifecycleEventHookExecutionId": EXECUTION}

    def answer(self, operation, request):
        deployment = request["deploymentId"]
        function = self.deployments[deployment]
        target = f"{function['functionName']}:live"
        if operation == "ListDeploymentTargets":
            return {"targetIds": [target]}
        if operation == "BatchGetDeploymentTargets":
            assert request["targetIds"] == [target]
            described = {"deploymentId": deployment, "targetId": target, "lambdaFunctionInfo": function}
            return {"deploymentTargets": [{"deploymentTargetType": "LambdaTarget", "lambdaTarget": described}]}
        assert operation == "PutLifecycleEventHookExecutionStatus", operation
        assert request["lifecycleEventHookExecutionId"] == EXECUTION
        self.reports.setdefault(deployment, []).append(request["status"])
        return {"lifecycleEventHookExecutionId": EXECUTION}


@contextmanager
def codedeploying():
    """Serves the calls on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = json.dumps(codedeploy.answer(self.headers["x-amz-target"].split(".")[1], request)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        codedeploy = CodeDeploy(f"http://127.0.0.1:{server.server_port}")
        yield codedeploy
