"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Light or dark: as the system has it, until somebody chooses.
  const themes = [null, "light", "dark"];
  const stored = localStorage.getItem("theme");
  if (stored) document.documentElement.dataset.theme = stored;
  $(".theme")?.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme || null;
    const next = themes[(themes.indexOf(now) + 1) % themes.length];
    if (next) {
      document.documentElement.dataset.theme = next;
      localStorage.setItem("theme", next);
    } else {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("theme");
    }
  });

  // Times in the reader's zone, of the same width; UTC by hovering.
  const two = number => String(number).padStart(2, "0");
  const localize = root => {
    for (const time of $$("time", root)) {
      if (time.dataset.done) continue;
      const at = new Date(time.dateTime);
      if (isNaN(at)) continue;
      const text = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
      const hasFraction = time.textContent.includes(".");
      time.textContent = hasFraction ? `${text}.${String(at.getMilliseconds()).padStart(3, "0")}` : text;
      time.dataset.done = "1";
    }
  };

  // Tables: by a click on a heading, of the rows that are shown.
  const valueOf = cell => {
    if (!cell) return "";
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const time = $("time", cell);
    return time ? Date.parse(time.dateTime) : cell.textContent.trim();
  };
  const sortable = root => {
    for (const table of $$("table[data-sort]", root)) {
      $$("th button", table).forEach((button, column) => button.addEventListener("click", () => {
        const head = button.parentElement;
        const isDown = head.getAttribute("aria-sort") !== "descending";
        $$("th", table).forEach(each => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        const rows = $$("tbody tr", table).map((row, place) => ({ row, place, value: valueOf(row.cells[column]) }));
        rows.sort((a, b) => {
          const order = typeof a.value === "number" && typeof b.value === "number"
            ? a.value - b.value : String(a.value).localeCompare(String(b.value), undefined, { numeric: true });
          return (isDown ? -order : order) || a.place - b.place;
        });
        $("tbody", table).append(...rows.map(each => each.row));
      }));
    }
  };

  // Charts: the value under the pointer, and a time that is dragged over becomes the time of the page.
  const charts = root => {
    for (const chart of $$(".chart", root)) {
      const svg = $("svg", chart), output = $("output", chart), cursor = $(".cursor", chart);
      const texts = chart.dataset.texts.split("|");
      const from = Date.parse(chart.dataset.from), to = Date.parse(chart.dataset.to);
      let begin = null, chosen = null;
      const shareOf = event => {
        const box = svg.getBoundingClientRect();
        return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      };
      svg.addEventListener("pointermove", event => {
        const share = shareOf(event), at = Math.min(texts.length - 1, Math.floor(share * texts.length));
        cursor.setAttribute("x1", share * 1000);
        cursor.setAttribute("x2", share * 1000);
        const time = new Date(from + (at / texts.length) * (to - from));
        output.textContent = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}  ${texts[at]}`;
        if (chosen) {
          chosen.setAttribute("x", Math.min(begin, share) * 1000);
          chosen.setAttribute("width", Math.abs(share - begin) * 1000);
        }
      });
      svg.addEventListener("pointerdown", event => {
        if (event.pointerType === "touch") return;
        begin = shareOf(event);
        chosen = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        chosen.setAttribute("class", "chosen");
        chosen.setAttribute("height", "100");
        svg.append(chosen);
        svg.setPointerCapture(event.pointerId);
      });
      svg.addEventListener("pointerup", event => {
        if (begin === null) return;
        const end = shareOf(event), first = Math.min(begin, end), last = Math.max(begin, end);
        chosen.remove();
        begin = chosen = null;
        if (last - first < 0.01) return;
        const url = new URL(location.href);
        url.searchParams.set("from", new Date(from + first * (to - from)).toISOString().slice(0, 19) + "Z");
        url.searchParams.set("to", new Date(from + last * (to - from)).toISOString().slice(0, 19) + "Z");
        location.href = url;
      });
      svg.addEventListener("pointerleave", () => {
        cursor.setAttribute("x1", -9);
        cursor.setAttribute("x2", -9);
        output.textContent = "";
      });
    }
  };

  const prepare = root => {
    localize(root);
    sortable(root);
    charts(root);
  };

  // A part of a page anew: from our own server, by its own address.
  const replace = async (panel, address) => {
    const response = await fetch(address, { credentials: "same-origin" });
    if (!response.ok) return;
    const text = await response.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(panel.id);
    if (!fresh || panel.contains(document.activeElement) && document.activeElement.matches("input, textarea")) return;
    const sorted = $$("th", panel).findIndex(head => head.hasAttribute("aria-sort"));
    const isDown = sorted >= 0 && $$("th", panel)[sorted].getAttribute("aria-sort") === "descending";
    const node = document.importNode(fresh, true);
    panel.replaceWith(node);
    prepare(node);
    if (sorted >= 0) {
      const button = $$("th button", node)[sorted];
      button?.click();
      if (!isDown) button?.click();
    }
  };

  const later = async () => {
    for (const place of $$("[data-later]")) {
      const panel = place.closest(".panel");
      if (panel) await replace(panel, place.dataset.later);
    }
  };

  // Completion: of hosts and names by the server, of the words of the filter language here.
  const words = {};
  const suggest = async input => {
    const text = input.value.slice(0, input.selectionStart);
    const last = text.split(/\s+/).pop();
    const sign = /^[-!]/.test(last) ? last[0] : "";
    const word = last.slice(sign.length);
    const colon = word.indexOf(":");
    if (input.dataset.complete === "flows") {
      const names = words[input.dataset.words] ??= Object.fromEntries(input.dataset.words.split(" ").map(each => {
        const equals = each.indexOf("=");
        return [each.slice(0, equals), each.slice(equals + 1).split(",").filter(value => value)];
      }));
      if (colon < 0) {
        if (!word) return [];
        return Object.keys(names).filter(name => name.startsWith(word)).map(name => sign + name + ":");
      }
      const name = word.slice(0, colon), value = word.slice(colon + 1);
      if (names[name]?.length) return names[name].filter(each => each.startsWith(value)).map(each => `${sign}${name}:${each}`);
      if (["host", "client", "server"].includes(name) && value) return (await complete(value)).map(each => `${sign}${name}:${each}`);
      return [];
    }
    return input.value.trim() ? complete(input.value.trim()) : [];
  };
  const complete = async text => {
    const response = await fetch("/api/v1/complete?q=" + encodeURIComponent(text), { credentials: "same-origin" });
    return response.ok ? response.json() : [];
  };
  const completes = () => {
    for (const input of $$("input[data-complete]")) {
      let list = null, turn = 0, timer = 0;
      const close = () => {
        list?.remove();
        list = null;
        input.removeAttribute("aria-activedescendant");
        input.setAttribute("aria-expanded", "false");
      };
      const take = text => {
        if (input.dataset.complete === "flows") {
          const end = input.selectionStart, before = input.value.slice(0, end), rest = input.value.slice(end);
          const begin = before.length - before.split(/\s+/).pop().length;
          const space = text.endsWith(":") || /^\s/.test(rest) ? "" : " ";
          input.value = before.slice(0, begin) + text + space + rest;
          input.setSelectionRange(begin + text.length + space.length, begin + text.length + space.length);
        } else {
          input.value = text;
        }
        close();
        input.focus();
        if (text.endsWith(":")) show();
      };
      const choose = (item, isOn) => {
        item?.setAttribute("aria-selected", isOn ? "true" : "false");
        if (isOn) {
          input.setAttribute("aria-activedescendant", item.id);
          item.scrollIntoView({ block: "nearest" });
        }
      };
      const show = async () => {
        const mine = ++turn;
        const found = await suggest(input);
        if (mine !== turn) return;
        close();
        if (!found.length || document.activeElement !== input) return;
        list = document.createElement("ul");
        list.className = "choices";
        list.setAttribute("role", "listbox");
        found.forEach((text, place) => {
          const item = document.createElement("li");
          item.id = `choice-${place}`;
          item.setAttribute("role", "option");
          item.textContent = text;
          item.addEventListener("mousedown", event => {
            event.preventDefault();
            take(text);
          });
          list.append(item);
        });
        const home = input.closest("label, form");
        home.classList.add("completes");
        home.append(list);
        input.setAttribute("aria-expanded", "true");
      };
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-expanded", "false");
      input.setAttribute("aria-autocomplete", "list");
      input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(show, 90);
      });
      input.addEventListener("blur", close);
      input.addEventListener("keydown", event => {
        if (!list) return;
        const items = $$("li", list), at = items.findIndex(item => item.getAttribute("aria-selected") === "true");
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          event.preventDefault();
          choose(items[at], false);
          choose(items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1) + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % items.length], true);
        } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
          event.preventDefault();
          take(items[at].textContent);
        } else if (event.key === "Escape") {
          close();
        }
      });
    }
  };

  const columns = () => {
    for (const form of $$("form[data-columns]")) {
      const field = $("[name=cols]", form);
      form.addEventListener("change", event => {
        if (event.target.type !== "checkbox") return;
        const names = field.value.split(",").filter(name => name && name !== event.target.value);
        if (event.target.checked) names.push(event.target.value);
        field.value = names.join(",");
      });
    }
  };

  // What goes on, once a second; parts of the page when the store has something new, not more often than every few seconds.
  const live = () => {
    const state = $("[data-live=state]");
    if (!state || !window.EventSource) return;
    let store = null, refreshed = 0, busy = false;
    const source = new EventSource("/api/v1/live");
    source.onmessage = async event => {
      const message = JSON.parse(event.data);
      state.hidden = false;
      state.textContent = message.running && message.health && message.health !== "ready" ? `${message.state}: ${message.health}` : message.state;
      state.title = message.reasons || "";
      state.dataset.health = message.health || "";
      for (const [name, figure] of Object.entries(message.figures || {})) {
        for (const place of $$(`[data-live="${name}"]`)) {
          if (place.textContent !== figure.text) place.textContent = figure.text;
        }
      }
      const panels = $$(".panel.live");
      const isNew = store !== null && message.store !== store;
      store ??= message.store;
      if (!panels.length || document.hidden || busy || !(isNew || message.running && Date.now() - refreshed > 10000)) return;
      if (Date.now() - refreshed < 3000) return;
      store = message.store;
      refreshed = Date.now();
      busy = true;
      try {
        for (const panel of panels) {
          const url = new URL(location.href);
          url.searchParams.set("panel", panel.id);
          await replace(panel, url);
        }
      } finally {
        busy = false;
      }
    };
    addEventListener("pagehide", () => source.close());
  };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.key === "/") {
      event.preventDefault();
      $(".search input")?.select();
      $(".search input")?.focus();
    }
  });

  prepare(document);
  completes();
  columns();
  later();
  live();
})();
