"""The documentation page in a browser: that of `cargo run`, and the deployed one."""

import json
import os
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By

from support.api import Api
from support.page import Page, browsing, operation
from support.paths import WORK
from support.server import serving

TARGETS = ["remote"] if os.environ.get("PARC_URL") else ["local", "deployed"]
METHODS = {"get", "put", "post", "delete", "patch"}
REGISTER = operation("post", "/clients/register")


@dataclass
class Target:
    api: Api
    document: dict


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def local_api(build, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("server") / "server.log") as server:
        yield Api(server.url)


@pytest.fixture(scope="module", params=TARGETS)
def target(request):
    if request.param == "remote":
        api = Api(os.environ["PARC_URL"], os.environ.get("PARC_TOKEN"))
    else:
        api = request.getfixturevalue("local_api" if request.param == "local" else "api")
    answer = Api(api.url).call("GET", "/openapi.json")
    assert answer.status == 200
    return Target(api, answer.json())


@pytest.fixture
def page(driver, target):
    return Page(driver, target.api.url)


@pytest.fixture
def authorized_page(page, target):
    """The page, with a token if the API requires one."""
    if target.document["components"].get("securitySchemes"):
        authorize(page, target.api.token or "jeton-d-essai")
    return page


def authorize(page, token):
    page.click(".auth-wrapper > .authorize", "S’authentifier")
    page.one("#auth-bearer-value").send_keys(token)
    assert page.english() == set()
    page.click(".auth-btn-wrapper .authorize", "S’authentifier")
    assert page.english() == set()
    page.click(".auth-btn-wrapper .btn-done", "Fermer")
    assert page.driver.find_elements(By.CSS_SELECTOR, ".dialog-ux") == []


def test_policy_allows_nothing_unsafe(target):
    policy = Api(target.api.url).call("GET", "/docs").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-" not in policy


def test_root_redirects_to_the_page(page, target):
    assert urlsplit(page.driver.current_url).path == urlsplit(f"{target.api.url}/docs").path


def test_page_shows_every_operation(page, target):
    paths = target.document["paths"]
    assert page.operations() == {(method, path) for path, item in paths.items() for method in METHODS & item.keys()}


# `cargo run` requires no token.
@pytest.mark.parametrize("target", [name for name in TARGETS if name != "local"], indirect=True)
def test_token_can_be_forgotten(page, target):
    authorize(page, "jeton-d-essai")
    page.click(".auth-wrapper > .authorize")
    page.click(".auth-btn-wrapper .auth:not(.btn-done)", "Oublier le jeton")
    page.one("#auth-bearer-value")
    page.click(".auth-btn-wrapper .btn-done", "Fermer")


def test_client_is_registered_from_the_page(request, authorized_page, target):
    page = authorized_page
    page.click(f"{REGISTER} .opblock-summary-control")
    page.click(f"{REGISTER} .model-example .tab li:last-child button", "Schéma")
    assert page.english() == set()
    page.click(f"{REGISTER} .model-example .tab li:first-child button", "Exemple")
    page.click(f"{REGISTER} .try-out__btn", "Essayer")
    body = {"nom": "Mairie d’Éauze", "code": secrets.randbelow(2**53)}
    text = page.one(f"{REGISTER} textarea")
    text.clear()
    text.send_keys(json.dumps(body, ensure_ascii=False))
    page.click(f"{REGISTER} .execute", "Exécuter")

    answer = f"{REGISTER} .live-responses-table .response"
    assert page.one(f"{answer} .response-col_status").text.split()[0] == "200"
    client = json.loads(page.one(f"{answer} .highlight-code code").text)
    assert {key: client[key] for key in body} == body
    infos = target.api.call("GET", f"/clients/{client['client_id']}/infos").json()
    assert {key: infos[key] for key in body} == body
    page.assert_quiet()
    if name := request.config.getoption("screenshot"):
        section = page.one(f"{REGISTER} .opblock-section-request-body")
        page.driver.execute_script("arguments[0].scrollIntoView()", section)
        assert page.driver.save_screenshot(str(WORK / name))


def test_failures_unfold_on_a_click(page):
    page.click(f"{REGISTER} .opblock-summary-control")
    failure = f'{REGISTER} .response[data-code="409"]'
    # The page builds the operation after the click.
    example = page.wait.until(lambda driver: driver.find_element(By.CSS_SELECTOR, f"{failure} .model-example"))
    assert not example.is_displayed()
    page.click(f"{failure} .response-col_status")
    assert page.one(f"{failure} .model-example").is_displayed()
    page.click(f"{failure} .response-col_status")
    assert not example.is_displayed()


def test_page_is_in_french_and_loads_only_from_its_host(page, target):
    assert page.english() == set()
    for path in sorted(path for path, item in target.document["paths"].items() if "get" in item):
        page.click(f"{operation('get', path)} .opblock-summary-control")
    page.click(".models .json-schema-2020-12-expand-deep-button", "Tout déplier")
    page.assert_quiet()
