"use strict";
// The search of the report. Loads what it needs of data/ as scripts, which is all that a page
// opened from disk may do, and asks no network. psgcrawl/exports/report/searching.py says what is in the files.
(() => {
  const WIDTH = 7; // numbers of an entry in the columns
  const SHOWN = 40; // results that are shown at once
  const waiting = new Map();
  const loaded = new Map();

  window.psgcrawlData = (name, value) => {
    loaded.set(name, value);
  };

  const load = (name) => {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.addEventListener("load", () => resolve(loaded.get(name)));
        script.addEventListener("error", () => reject(new Error(`data/${name}.js is missing`)));
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  };

  const words = (text) => {
    const folded = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
    return (folded.match(/[\p{L}\p{N}]{2,}/gu) || []).map((word) => word.slice(0, 40));
  };
  const shelf = (word, letters) => Array.from(word).slice(0, letters).map((char) => (char <= "\u007f" ? char : "_")).join("");

  const form = document.querySelector("#search");
  const results = document.querySelector("#results");
  const status = document.querySelector("#found");
  const more = document.querySelector("#more");
  const names = ["q", "collection", "kind", "series", "year", "state", "flag", "changed"];
  const field = (name) => form.elements.namedItem(name);
  const collections = form.dataset.collections.split(" ").filter(Boolean);
  const kinds = form.dataset.kinds.split(" ");
  const states = form.dataset.states.split(" ");
  const flags = form.dataset.flags.split(" ");

  // The entries of a collection that have a word beginning so: number -> whether it stands in the title.
  const having = async (collection, columns, word) => {
    const name = shelf(word, columns.letters);
    const found = new Map();
    if (!columns.shelves.includes(name)) return found;
    const held = await load(`${collection}/words-${name}`);
    for (const [known, steps] of Object.entries(held)) {
      if (!known.startsWith(word)) continue;
      let place = 0;
      for (const step of steps) {
        place += step;
        const number = Math.floor(place / 2);
        found.set(number, found.get(number) || place % 2 === 1);
      }
    }
    return found;
  };

  const wanted = () => Object.fromEntries(names.map((name) => {
    const input = field(name);
    return [name, input.type === "checkbox" ? (input.checked ? "1" : "") : input.value];
  }));

  const passes = (columns, row, want) => {
    const [day, last, kind, series, state, mask, revisions] = row;
    if (want.kind && kinds[kind] !== want.kind) return false;
    if (want.series && columns.series[series - 1] !== want.series) return false;
    if (want.state && states[state] !== want.state) return false;
    if (want.flag && !(mask & (1 << flags.indexOf(want.flag)))) return false;
    if (want.changed && !revisions) return false;
    if (want.year === "none") return day === 0;
    const year = Number(want.year);
    return !year || (day !== 0 && Math.floor(day / 10000) <= year && year <= last);
  };

  const findIn = async (collection, typed, want) => {
    const columns = await load(`${collection}/columns`);
    const tables = await Promise.all(typed.map((word) => having(collection, columns, word)));
    const found = [];
    const consider = (number) => {
      const row = columns.rows.slice(number * WIDTH, (number + 1) * WIDTH);
      if (!passes(columns, row, want)) return;
      const inTitle = tables.length > 0 && tables.every((table) => table.get(number));
      found.push({ collection, number, inTitle, day: row[0], state: row[4], revisions: row[6], part: columns.part });
    };
    if (tables.length === 0) {
      for (let number = 0; number < columns.rows.length / WIDTH; number += 1) consider(number);
    } else {
      const [first, ...others] = tables.sort((one, other) => one.size - other.size);
      for (const number of first.keys()) {
        if (others.every((table) => table.has(number))) consider(number);
      }
    }
    return found;
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const item = async (one) => {
    const texts = await load(`${one.collection}/texts-${Math.floor(one.number / one.part)}`);
    const [path, title, date, dateline, beginning] = texts[one.number % one.part];
    const made = element("li");
    const head = element("p", undefined, "when");
    head.append(date ? `${date} · ${one.collection}` : one.collection);
    if (states[one.state] !== "listed") {
      const option = field("state").querySelector(`option[value="${states[one.state]}"]`);
      head.append(" ", element("span", option.textContent, `badge ${states[one.state]}`));
    }
    if (one.revisions) head.append(" ", element("span", "Revised", "badge edited"));
    const link = element("a", title);
    link.href = path;
    link.title = dateline;
    const name = element("h2", undefined, "name");
    name.append(link);
    made.append(head, name, element("p", beginning, "beginning"));
    return made;
  };

  let found = [];
  let shown = 0;
  let turn = 0;

  const show = async (mine) => {
    const next = await Promise.all(found.slice(shown, shown + SHOWN).map(item));
    if (mine !== turn) return;
    results.append(...next);
    shown += next.length;
    more.hidden = shown >= found.length;
    const entries = found.length === 1 ? "entry" : "entries";
    const part = shown < found.length ? `; the first ${shown} are shown` : "";
    status.textContent = found.length ? `${found.length.toLocaleString("en")} ${entries} found${part}.`
      : "Nothing found. Words are found by their beginnings; all of them must be there.";
  };

  const search = async () => {
    turn += 1;
    const mine = turn;
    const want = wanted();
    const typed = [...new Set(words(want.q))];
    const chosen = want.collection ? [want.collection] : collections;
    try {
      const lists = await Promise.all(chosen.map((name) => findIn(name, typed, want)));
      if (mine !== turn) return;
      found = lists.flat().sort((one, other) => other.inTitle - one.inTitle || other.day - one.day);
      shown = 0;
      results.replaceChildren();
      await show(mine);
    } catch (error) {
      status.textContent = `The search does not work: ${error.message}.`;
    }
  };

  const remember = () => {
    const given = Object.entries(wanted()).filter(([, value]) => value);
    history.replaceState(null, "", given.length ? `#${new URLSearchParams(given)}` : location.pathname);
  };

  const recall = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      const input = field(name);
      const value = given.get(name) || "";
      if (input.type === "checkbox") input.checked = value !== "";
      else if (input.tagName !== "SELECT" || [...input.options].some((option) => option.value === value)) input.value = value;
    }
  };

  let pause = 0;
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      remember();
      search();
    }, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(pause);
    remember();
    search();
  });
  form.addEventListener("reset", () => {
    setTimeout(() => {
      remember();
      search();
    });
  });
  more.addEventListener("click", async () => {
    const before = results.children.length;
    await show(turn);
    const next = results.children[before];
    if (next) next.querySelector("a").focus();
  });
  window.addEventListener("hashchange", () => {
    recall();
    search();
  });
  document.querySelector("#without").hidden = true;
  form.hidden = false;
  recall();
  search();
})();
