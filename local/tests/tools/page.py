"""The documentation page in a real browser: page.py http://127.0.0.1:9000 [--screenshot page.png]

Needs selenium, Chromium and its chromedriver, both of the
system: nothing is downloaded. --chrome and --driver tell where they are.
"""

import argparse
import json
import secrets
import socket
import sys
import tempfile
import urllib.request
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ENGLISH = {
    "Try it out", "Cancel", "Reset", "Execute", "Clear", "Parameters", "No parameters", "Name", "Request body",
    "Example Value", "Edit Value", "Schema", "Responses", "Media type", "Links", "No links", "Server response",
    "Details", "Undocumented", "Response body", "Response headers", "Request URL", "Request duration", "Snippets",
    "Curl", "Download", "Schemas", "Expand all", "Collapse all", "Items", "Authorize", "Available authorizations",
    "Authorized", "Value:", "Logout", "Close", "Servers", "Errors", "Controls", "Any of", "One of",
    "Copy to clipboard", "Collapse operation", "Expand operation", "Filter by tag", "required", "loading",
}
# Every text which the page itself writes, what CSS generates included; samples and answers are left out.
LABELS = """
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const parent = walk.currentNode.parentElement;
  if (!parent.closest("pre, textarea, option, noscript, .markdown") && parent.checkVisibility())
    found.push(walk.currentNode.data.trim());
}
for (const element of document.querySelectorAll("#docs *")) {
  for (const name of ["title", "placeholder", "aria-label"]) found.push(element.getAttribute(name) ?? "");
  found.push(getComputedStyle(element, "::after").content.replaceAll('"', ""));
}
return found.filter(Boolean);
"""

# Names under localhost are this machine's (RFC 6761), which not every resolver knows.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(
    "127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more
)

passed = failed = 0


def check(what, ok, seen=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {what}" + ("" if ok else f": {seen}"), flush=True)


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.headers, answer.read()


def block(method, path):
    return f'.opblock:has(.opblock-summary-{method} [data-path="{path}"])'


class Page:
    def __init__(self, driver):
        self.driver, self.wait = driver, WebDriverWait(driver, 20)

    def one(self, css):
        return self.wait.until(lambda d: next((e for e in d.find_elements(By.CSS_SELECTOR, css) if e.is_displayed()), None))

    def click(self, css, label=None):
        element = self.one(css)
        # The middle of the window: an element at its very edge may still be moving.
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        if label:
            check(f"« {label} » is offered", element.text.strip() == label, element.text)
        self.wait.until(lambda d: element.is_enabled())
        element.click()

    def english(self, where):
        left = sorted(ENGLISH.intersection(self.driver.execute_script(LABELS)))
        check(f"nothing is left in English {where}", not left, left)


def run(driver, base, token, screenshot):
    document = json.loads(fetch(f"{base}/openapi.json")[1])
    policy = fetch(f"{base}/docs")[0].get("Content-Security-Policy", "")
    check("the policy allows nothing by default, and nothing unsafe", "default-src 'none'" in policy and "unsafe-" not in policy, policy)

    page = Page(driver)
    driver.get(f"{base}/")
    page.one(".opblock")
    check("/ leads to /docs", urlsplit(driver.current_url).path == urlsplit(f"{base}/docs").path, driver.current_url)

    methods = {"get", "put", "post", "delete", "patch"}
    expected = {(m, path) for path, item in document["paths"].items() for m in item if m in methods}
    rendered = {
        (each.find_element(By.CSS_SELECTOR, ".opblock-summary-method").text.lower(),
         each.find_element(By.CSS_SELECTOR, "[data-path]").get_attribute("data-path"))
        for each in driver.find_elements(By.CSS_SELECTOR, ".opblock")
    }
    check(f"the {len(expected)} operations are there", rendered == expected, rendered ^ expected)
    page.english("at first")

    if document.get("components", {}).get("securitySchemes"):
        page.click(".auth-wrapper > .authorize", "S’identifier")
        page.one("#auth-bearer-value").send_keys(token or "jeton-d-essai")
        page.english("in the dialog")
        page.click(".auth-btn-wrapper .authorize", "S’identifier")
        page.english("once identified")
        if not token:
            page.click(".auth-btn-wrapper .auth:not(.btn-done)", "Oublier")
        page.click(".auth-btn-wrapper .btn-done", "Fermer")
        check("the dialog closes", not driver.find_elements(By.CSS_SELECTOR, ".dialog-ux"))

    register = block("post", "/clients/register")
    page.click(f"{register} .opblock-summary-control")
    page.click(f"{register} .model-example .tab li:last-child button", "Schéma")
    page.english("in a schema")
    page.click(f"{register} .model-example .tab li:first-child button", "Exemple")
    page.click(f"{register} .try-out__btn", "Essayer")
    body = {"nom": "Mairie d’Éauze", "code": secrets.randbelow(2**53)}
    text = page.one(f"{register} textarea")
    text.clear()
    text.send_keys(json.dumps(body, ensure_ascii=False))
    page.click(f"{register} .execute", "Exécuter")

    answer = f"{register} .live-responses-table .response"
    status = page.one(f"{answer} .response-col_status").text.split()[0]
    check("the registration answers 200", status == "200", status)
    client = json.loads(page.one(f"{answer} .highlight-code code").text)
    check("the page shows the client as registered", {k: client.get(k) for k in body} == body, client)
    request = urllib.request.Request(f"{base}/clients/{client['client_id']}/infos")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    infos = json.loads(fetch(request)[1])
    check("the API has that client", {k: infos.get(k) for k in body} == body, infos)
    page.english("after an answer")
    if screenshot:
        driver.execute_script("document.querySelector(arguments[0]).scrollIntoView()", f"{register} .opblock-section-request-body")
        driver.save_screenshot(screenshot)

    page.click(f"{register} .opblock-summary-control")
    for path in sorted(path for method, path in expected if method == "get"):
        page.click(f"{block('get', path)} .opblock-summary-control")
    page.click(".models .json-schema-2020-12-expand-deep-button", "Tout déplier")
    page.english("in operations and models")

    loaded = driver.execute_script("return performance.getEntries().map((e) => e.name).filter((n) => n.includes('://'))")
    foreign = [url for url in loaded if urlsplit(url).netloc != urlsplit(base).netloc]
    check(f"the {len(loaded)} loads are all from this host", loaded and not foreign, foreign)
    log = [entry["message"] for entry in driver.get_log("browser")]
    check("the console is silent", not log, log)


def main():
    cli = argparse.ArgumentParser(description="The documentation page in a real browser.")
    cli.add_argument("base", help="where the API answers, without a final /")
    cli.add_argument("--token", help="a JWT, where the API asks for one")
    cli.add_argument("--screenshot", metavar="FILE.png")
    cli.add_argument("--chrome", default="/usr/bin/chromium")
    cli.add_argument("--driver", default="/usr/bin/chromedriver")
    args = cli.parse_args()

    options = webdriver.ChromeOptions()
    options.binary_location = args.chrome
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # No sandbox: it cannot be had as root in a container, and the page is our own.
        for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1280,1000",
                     f"user-data-dir={profile}", "disable-background-networking", "no-first-run"):
            options.add_argument(f"--{flag}")
        driver = webdriver.Chrome(options=options, service=Service(args.driver))
        try:
            run(driver, args.base.rstrip("/"), args.token, args.screenshot)
        except Exception as error:
            check("the page can be used to the end", False, f"{type(error).__name__}: {error}".splitlines()[0])
            if args.screenshot:
                driver.save_screenshot(args.screenshot)
        finally:
            driver.quit()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
