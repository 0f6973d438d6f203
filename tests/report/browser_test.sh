#!/usr/bin/env bash
# Usage: browser_test.sh SNN_TRAIN SNN_REPORT DATA_DIR
# Opens the reports of a run, of a comparison and of a sweep in Chromium: its console must stay
# empty, nothing may be requested from a network, and every figure must be shown with a size. Exits
# with 77 if there is no Chromium.
set -euo pipefail
train=$1 report=$2 data=$3

for browser in chromium chromium-browser google-chrome; do
  if command -v "$browser" >/dev/null; then break; fi
  browser=
done
if [[ -z ${browser:-} ]]; then
  echo "skipped: no chromium on this machine"
  exit 77
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# browse PAGE: writes the resulting page to dom.html and the console to console.txt. A probe is
# added to the page that records its figures and requests as attributes of <html>.
browse() {
  # shellcheck disable=SC2016  # it is JavaScript
  local probe='<script>
addEventListener("load", () => {
  const shown = [...document.querySelectorAll("svg.snn")].filter(
      svg => svg.getBoundingClientRect().height > 20 && svg.querySelector("text,image"));
  const images = [...document.querySelectorAll("svg image")];
  Promise.all(images.map(image => new Promise(done => {
    const copy = new Image();
    copy.onload = () => done(true);
    copy.onerror = () => done(false);
    copy.src = image.getAttribute("href");
  }))).then(loaded => {
    const root = document.documentElement.dataset;
    root.figures = shown.length;
    root.images = loaded.filter(Boolean).length + "/" + images.length;
    root.requests = performance.getEntriesByType("resource")
        .filter(entry => !entry.name.startsWith("data:")).length;
    root.overflow = document.documentElement.scrollWidth > innerWidth;
  });
});
</script>'
  cp "$1" probed.html
  printf '%s\n' "$probe" >>probed.html
  "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --user-data-dir="$folder/profile" --window-size=500,900 --virtual-time-budget=5000 \
    --enable-logging=stderr --v=0 --dump-dom "file://$folder/probed.html" \
    >dom.html 2>console.txt || fail "$browser could not open $1: $(tail -n 3 console.txt)"
  if grep -E 'CONSOLE' console.txt; then fail "$1: the browser's console"; fi
}

# expect NAME VALUE: checks a result of the probe.
expect() {
  grep -qE "<html[^>]* data-$1=\"$2\"" dom.html ||
    fail "$1: expected $2, found $(grep -oE '<html[^>]*>' dom.html)"
}

flags=(--data-dir "$data" --hidden 20 -T 5 -b 32 -e 2 -q)
"$train" "${flags[@]}" --run-name a >/dev/null
"$train" "${flags[@]}" --run-name b --beta 0.5 >/dev/null
"$report" runs/a runs/b >/dev/null

browse runs/a/report.html
expect figures 7
expect images '([1-9][0-9]*)/\1'
expect requests 0
expect overflow false

browse comparison.html
expect figures 4
expect requests 0
expect overflow false

# Writes a sweep's folder of these two runs.
mkdir -p sweep
mv runs sweep/runs
cat >sweep/sweep.json <<'JSON'
{"format_version": 1, "name": "two", "method": "grid",
 "metric": {"name": "test_accuracy", "goal": "maximize"},
 "parameters": ["beta"], "arguments": ["--epochs", "2"],
 "runs": [{"name": "a", "values": {"beta": "0.95"}, "seed": 1},
          {"name": "b", "values": {"beta": "0.5"}, "seed": 1}]}
JSON
"$report" sweep >/dev/null
browse sweep/report.html
expect figures 4
expect requests 0
expect overflow false
grep -q 'href="runs/a/report.html"' dom.html || fail "no link to the report of a run"

# Opens a picture alone.
browse_svg() {
  "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --user-data-dir="$folder/profile" --enable-logging=stderr --v=0 \
    --dump-dom "file://$folder/$1" >dom.html 2>console.txt || fail "cannot open $1"
  # Chromium reports within the page that a file is not XML.
  if grep -q 'parsererror\|error on line' dom.html; then fail "$1 is no XML"; fi
  grep -q '<text' dom.html || fail "$1: nothing is shown"
}
for picture in sweep/runs/a/pictures/*.svg sweep/pictures/*.svg; do browse_svg "$picture"; done
