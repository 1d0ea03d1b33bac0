"""The documentation page in a browser."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

TIMEOUT = 20
"""Seconds that an element has to appear."""
ENGLISH = {
    "Try it out", "Cancel", "Reset", "Execute", "Clear", "Parameters", "No parameters", "Name", "Request body",
    "Example Value", "Edit Value", "Schema", "Responses", "Media type", "Links", "No links", "Server response",
    "Details", "Undocumented", "Response body", "Response headers", "Request URL", "Request duration", "Snippets",
    "Curl", "Download", "Schemas", "Expand all", "Collapse all", "Items", "Authorize", "Available authorizations",
    "Authorized", "Value:", "Logout", "Close", "Servers", "Errors", "Controls", "Any of", "One of",
    "Copy to clipboard", "Collapse operation", "Expand operation", "Filter by tag", "required", "loading",
}
"""Texts that Swagger UI writes by itself."""
TEXTS = """
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
"""Returns the texts of the page, including those that CSS generates, but not samples and answers."""


def find_browser():
    """Returns Chromium or Chrome and its driver, which are installed from Debian if possible."""
    if not (found := installed_browser()) and os.getuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        packages = ["--no-install-recommends", "chromium", "chromium-driver"]
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        subprocess.run(["apt-get", "-qq", "install", *packages], env=environment, check=True, stdout=subprocess.DEVNULL)
        found = installed_browser()
    if not found:
        pytest.fail("no Chromium or Chrome with its driver; install Debian's chromium and chromium-driver")
    return found


def installed_browser():
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    return browser and driver and (browser, driver)


@contextmanager
def browsing(profile):
    """Starts a headless browser."""
    browser, driver = find_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Root in a container cannot use the sandbox, and the page is trusted.
    for flag in (
        "headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1280,1000",
        f"user-data-dir={profile}", "disable-background-networking", "no-first-run",
    ):
        options.add_argument(f"--{flag}")
    driver = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield driver
    finally:
        driver.quit()


def operation(method, path):
    """Returns the selector of an operation."""
    return f'.opblock:has(.opblock-summary-{method} [data-path="{path}"])'


class Page:
    """The documentation page, opened in the browser."""

    def __init__(self, driver, url):
        self.driver, self.url = driver, url
        self.wait = WebDriverWait(driver, TIMEOUT)
        driver.get_log("browser")
        driver.get(f"{url}/")
        self.one(".opblock")

    def one(self, css):
        """Waits for an element to be displayed."""

        def displayed(driver):
            return next((each for each in driver.find_elements(By.CSS_SELECTOR, css) if each.is_displayed()), None)

        return self.wait.until(displayed, f"{css} is not displayed")

    def click(self, css, label=None):
        """Clicks an element, which must have this label."""
        element = self.one(css)
        # The middle of the window: an element at its very edge may still be moving.
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        assert label is None or element.text.strip() == label
        self.wait.until(lambda _: element.is_enabled())
        element.click()

    def operations(self):
        """Returns the method and the path of each operation."""
        return {
            (
                each.find_element(By.CSS_SELECTOR, ".opblock-summary-method").text.lower(),
                each.find_element(By.CSS_SELECTOR, "[data-path]").get_attribute("data-path"),
            )
            for each in self.driver.find_elements(By.CSS_SELECTOR, ".opblock")
        }

    def english(self):
        """Returns the texts that are not translated."""
        return ENGLISH.intersection(self.driver.execute_script(TEXTS))

    def foreign_loads(self):
        """Returns the loads from other hosts than the API's."""
        names = "return performance.getEntries().map((each) => each.name).filter((name) => name.includes('://'))"
        loaded = self.driver.execute_script(names)
        assert loaded, "the browser reports no loads"
        return [url for url in loaded if urlsplit(url).netloc != urlsplit(self.url).netloc]

    def console(self):
        """Returns the messages in the browser's console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def assert_quiet(self):
        """Fails if the page wrote to the console, loaded from another host, or is partly in English."""
        assert self.english() == set()
        assert self.foreign_loads() == []
        assert self.console() == []
