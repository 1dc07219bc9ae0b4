#!/usr/bin/env python3
"""look.py URL FOLDER FACTS AXE - opens each view of the page /explore in headless Chromium, at two widths, light and dark.

FACTS is JSON: ids of documents by name, and Evidence. AXE is axe-core's axe.min.js, or "" to leave it out. Screenshots go to FOLDER.
Prints TAP: what each view shows, what the console says, what axe-core finds serious, and that all of it can be reached by keyboard.
"""
import base64
import json
import sys

from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

url, folder, facts, axe = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4]
WIDE, NARROW = 1280, 390
count = 0


def ok(holds, name, why=""):
    global count
    count += 1
    print(f"{'ok' if holds else 'not ok'} {count} - {name}", flush=True)
    if not holds and why:
        print("\n".join("# " + line for line in str(why).splitlines()[:20]), flush=True)


def open_browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"):
        options.add_argument(argument)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


browser = open_browser()
browser.set_script_timeout(60)


def emulate(width, scheme):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def text():
    return browser.find_element(By.TAG_NAME, "main").text


def until(holds):
    """Waits until it holds; whether it does."""
    try:
        return bool(WebDriverWait(browser, 20, ignored_exceptions=[WebDriverException]).until(lambda _: holds()))
    except TimeoutException:
        return False


def wait(for_text):
    return until(lambda: for_text in text())


def go(path):
    browser.get("about:blank")
    browser.get(url + path)


def appraise(evidence, nonce=""):
    go("#/appraisal")
    wait("Evidence")
    Select(browser.find_element(By.NAME, "format")).select_by_value("psa")
    browser.execute_script("document.querySelector('form details').open = true")
    browser.find_element(By.NAME, "evidence").send_keys(evidence)
    browser.find_element(By.NAME, "nonce").send_keys(nonce)
    browser.execute_script("document.querySelector('form details').open = false")
    browser.find_element(By.CSS_SELECTOR, "form button").click()


# name, how to get there, what it shows
VIEWS = [
    ("overview", lambda: go("#/overview"), ["Store rim", "ACME", "acme/2", "<script>document.title = \"run\"</script>"]),
    ("search", lambda: go("#/search?q=widget"), ["Widget AG · Model m", "ACME, Other"]),
    ("environment", lambda: go("#/environment/" + facts["environment"]), ["Widget AG", "reference, by ACME, in acme/2"]),
    ("document", lambda: go("#/document/" + facts["new"]), ["acme/2", "<script>alert(1)</script>, version 1", "/ tags / 1:", "Annotated"]),
    ("document with a chain", lambda: go("#/document/" + facts["chain"]), ["O=ACME Inc.,CN=acme", "CN=coserv test middle"]),
    ("document that was revoked", lambda: go("#/document/" + facts["revoked"]), ["does not count", "a <b>bad</b> build"]),
    ("hostile document", lambda: go("#/document/" + facts["hostile"]), ["<img src=x onerror=alert(2)>", "</script><b>, version 0"]),
    ("timeline", lambda: go("#/timeline"), ["Bars: when each tag counted", "gone, version 0", "What lapses next", "acme/lapsing"]),
    ("timeline of a tag", lambda: go("#/timeline?q=script"), ["<script>alert(1)</script>, version 0", "version 1"]),
    ("vouchers", lambda: go("#/vouchers/" + "02" * 32), ["Who vouches for it", "Widget AG", "acme/2"]),
    ("vouchers in the past", lambda: go("#/vouchers/" + "02" * 32 + "?at=2020-01-01T00:00:00"), ["Who vouches for it: none."]),
    ("domains", lambda: go("#/domains"), ["Platform", "trust in", "Innermost"]),
    ("conflicts", lambda: go("#/conflicts"), ["different values", "Widget AG", "acme/lapsing"]),
    ("appraisal", lambda: appraise(facts["psa"], "07" * 32), ["Nothing contradicts it", "corroborated: \"psa.software-component\""]),
    ("appraisal of what was changed", lambda: appraise(facts["changed"]), [
        "1 of its elements contradicted", "Nearest miss: digests is", "did not match: digests is"]),
    ("appraisal of a stranger's", lambda: appraise(facts["stranger"]), ["verifies with no key that was given", "SQLSTATE RA001"]),
    ("what there is not", lambda: go("#/document/00000000-0000-4000-8000-000000000000"), ["There is nothing of that name"]),
]

if axe:
    with open(axe, encoding="utf-8") as file:
        axe = file.read()


def serious():
    """What axe-core finds serious or critical; the page's policy lets no text become a script, so it goes in by the debugger."""
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'] }).then(done)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"] if v["impact"] in ("serious", "critical")]



def screenshot(name):
    """The whole view, however long."""
    image = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
    with open(f"{folder}/{name}.png", "wb") as out:
        out.write(base64.b64decode(image["data"]))


# both widths and both schemes, each view in two of the four
for width_name, width, scheme in (("wide", WIDE, "light"), ("narrow", NARROW, "dark")):
    emulate(width, scheme)
    for name, open_view, shown in VIEWS:
        open_view()
        missing = [part for part in shown if not wait(part)]
        ok(not missing, f"{name}, {width_name}: shows what it should", f"missing {missing} in\n{text()}")
        if axe:
            findings = serious()
            ok(not findings, f"{name}, {width_name}, {scheme}: axe-core finds nothing serious", "\n".join(findings))
        wider = browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        ok(wider <= 0, f"{name}, {width_name}: fits the width", f"{wider} pixels too wide")
        screenshot(f"{name.replace(' ', '-').replace(chr(39), '')}-{width_name}-{scheme}")

emulate(WIDE, "light")

# As one types: no button is pressed, and the link leads back to the same.
go("#/search")
wait("Environments that count now")
browser.switch_to.active_element.send_keys("lapsing")
ok(until(lambda: "Lapsing · Model m" in text() and "Widget AG" not in text()), "search: as one types, where the cursor is already")
ok(browser.current_url.endswith("#/search?q=lapsing"), "... and the address has it", browser.current_url)
browser.switch_to.active_element.send_keys(Keys.CONTROL, "a")
browser.switch_to.active_element.send_keys("sha-256: " + "02" * 32)
ok(wait("Who vouches for this digest?"), "search: a digest is seen to be one")

# By keyboard alone: past the menu, to the content, to a document.
go("#/overview")
wait("Store rim")
browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
first_stop = browser.switch_to.active_element.text
ok(first_stop == "Skip to the content", "the first stop skips to the content", first_stop)
browser.switch_to.active_element.send_keys(Keys.ENTER)
ok(until(lambda: browser.switch_to.active_element.tag_name == "main"), "... and does so")
for _ in range(10):
    browser.switch_to.active_element.send_keys(Keys.TAB)
    if browser.switch_to.active_element.get_attribute("href"):
        break
browser.switch_to.active_element.send_keys(Keys.ENTER)
ok(wait("Annotated"), "... and to a document by Tab and Enter", text())
ok(until(lambda: browser.switch_to.active_element.tag_name == "h1"), "a view that opens has the focus on its heading")

# Evidence as a file, and in base64.
with open(f"{folder}/psa.bin", "wb") as out:
    out.write(bytes.fromhex(facts["psa"]))
go("#/appraisal?format=psa")
wait("Evidence")
browser.find_element(By.NAME, "file").send_keys(f"{folder}/psa.bin")
browser.find_element(By.CSS_SELECTOR, "form button").click()
ok(wait("Nothing contradicts it"), "Evidence in a file, its format in the address", text())
appraise(base64.b64encode(bytes.fromhex(facts["changed"])).decode())
ok(wait("1 of its elements contradicted"), "Evidence in base64", text())

# Claims of what does not verify, when asked for.
appraise(facts["stranger"])
wait("SQLSTATE")
browser.find_element(By.XPATH, "//button[contains(., 'unverified')]").click()
ok(wait("not verified: no key was given"), "what does not verify is shown when it is asked for", text())
ok(facts["stranger"][:40] not in browser.current_url, "Evidence is not in the address")

# Nothing of what documents say has run, and nothing was refused by the page's policy.
ok(browser.title != "run" and not browser.find_elements(By.CSS_SELECTOR, "main img, main b, main i, main script"),
   "no markup of a document is markup of the page")
loud = [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
loud = [message for message in loud if "404" not in message and "400" not in message]
ok(not loud, "the console has no error and no breach of the policy", "\n".join(loud))
browser.quit()
print(f"1..{count}")
