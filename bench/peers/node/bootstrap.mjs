// Serves dist/index.js over the Lambda Runtime API. Lambda's own bootstrap for Node.js is not published as a package;
// it does more than this loop: contexts, streamed responses, formatted logs, tracing. Cold starts on Lambda are slower.

import { Agent, request } from "node:http";
import { createRequire } from "node:module";

const API = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Sends a request. Returns the headers and the text of the response. */
function send(method, path, body = "") {
  return new Promise((resolve, reject) => {
    const headers = body === "" ? {} : { "content-length": Buffer.byteLength(body), "content-type": "application/json" };
    const outgoing = request(`${API}${path}`, { agent, method, headers }, async (incoming) => {
      try {
        const text = Buffer.concat(await incoming.toArray()).toString();
        if (incoming.statusCode >= 300) {
          throw new Error(`the Runtime API answered ${incoming.statusCode} to ${method} ${path}: ${text}`);
        }
        resolve({ headers: incoming.headers, text });
      } catch (error) {
        reject(error);
      }
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Returns an error in the form that the Runtime API expects. */
function failure(error) {
  console.error(error);
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, stackTrace: [] });
}

const { handler } = createRequire(import.meta.url)("./dist/index.js");

for (;;) {
  const { headers, text } = await send("GET", "/invocation/next");
  const invocation = `/invocation/${headers["lambda-runtime-aws-request-id"]}`;
  try {
    const answer = await handler(JSON.parse(text));
    await send("POST", `${invocation}/response`, JSON.stringify(answer));
  } catch (error) {
    await send("POST", `${invocation}/error`, failure(error));
  }
}
