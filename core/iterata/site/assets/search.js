/* The search of a list: its controls, its count and its pages. The page is complete without it. Values of documents are
   put in as text, never as HTML. */
const iterataSearch = (() => {
  "use strict";

  const { fold, prepared, stateOf, addressOf, find } = iterataFind;
  const LONGEST_SELECT = 12;
  const MOST_SUGGESTED = 100;

  const isolate = (text) => `\u2068${text}\u2069`;
  const number = (value) => value.toLocaleString("en");

  /** An element with a class and children; strings become text. */
  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  /** The pages that are linked to; 0 for a gap. */
  const shownPages = (current, last) => {
    const near = [...new Set([1, current - 1, current, current + 1, last])].filter((page) => page >= 1 && page <= last);
    return near.flatMap((page, position) => (position && page > near[position - 1] + 1 ? [0, page] : [page]));
  };

  class Search {
    constructor(form, library, view) {
      this.form = form;
      this.view = view;
      this.library = library;
      this.root = form.dataset.root;
      const top = form.closest(".it-searched");
      this.count = top.querySelector(".it-count");
      this.list = top.querySelector("#it-results");
      this.words = form.querySelector("[name=find]");
      this.sort = form.querySelector("[name=sort]");
      this.chosen = form.querySelector(".it-search-chosen");
      this.pager = top.querySelector(".it-pager") ?? element("nav", { class: "it-pager", "aria-label": `Pages of ${view.nouns[1]}` });
      this.list.after(this.pager);
      this.controls = library.facets.map((facet) => this.control(facet));
      this.listen();
      for (const other of top.querySelectorAll(".it-without-script")) other.hidden = true;
      form.hidden = false;
      this.state = stateOf(location.search, library);
      this.foldFilters();
      this.show(this.address() !== location.pathname);
    }

    /** On a phone filters open when they are asked for, so that the first entries are in the first screen. */
    foldFilters() {
      const wide = matchMedia("(min-width: 45em)");
      const fold = () => { this.form.querySelector(".it-search-more").open = wide.matches; };
      wide.addEventListener("change", fold);
      fold();
    }

    /** The control of a filter: a select, or a field with suggestions if there are many options. */
    control(facet) {
      const id = `it-facet-${facet.name}`;
      const box = element("p", { class: "it-search-facet" }, element("label", { for: id }, facet.title), " ");
      const control = { facet, box };
      if (facet.options.length > LONGEST_SELECT) {
        control.list = element("datalist", { id: `${id}-list` });
        control.input = element("input", { id, type: "text", autocomplete: "off", spellcheck: "false", dir: "auto",
          list: `${id}-list`, placeholder: `any of ${number(facet.options.length)}` });
        box.append(control.input, control.list);
        control.input.addEventListener("focus", () => this.suggest(control));
        control.input.addEventListener("input", (event) => {
          if (!event.inputType || event.inputType === "insertReplacementText") this.take(control, true);
          else this.suggest(control);
        });
        control.input.addEventListener("change", () => this.take(control, false));
      } else {
        control.select = element("select", { id });
        box.append(control.select);
        control.select.addEventListener("change", () => {
          this.choose(facet.name, control.select.value ? [control.select.value] : []);
        });
      }
      if (facet.options.length < 2) box.hidden = true;
      this.form.querySelector(".it-search-facets").append(box);
      return control;
    }

    /** Suggest options that contain what is typed, the most frequent first. */
    suggest(control) {
      const { facet, counts, input, list } = control;
      const typed = fold(input.value.trim());
      const fitting = facet.options.map((option, position) => [position, counts[position], option[1]])
        .filter(([, count, text]) => count > 0 && fold(text).includes(typed))
        .sort((one, other) => other[1] - one[1]).slice(0, MOST_SUGGESTED);
      control.fitting = fitting.map(([position]) => position);
      list.replaceChildren(...fitting.map(([, count, text]) =>
        element("option", { value: text, label: `${isolate(text)} (${number(count)})` })));
    }

    /** Take what is typed: the option of that name, else the first suggestion. */
    take(control, exactly) {
      const { facet, input } = control;
      const typed = fold(input.value.trim());
      if (!typed) return;
      let position = facet.options.findIndex(([, text]) => fold(text) === typed);
      if (position < 0 && !exactly) {
        this.suggest(control);
        position = control.fitting[0] ?? -1;
      }
      if (position < 0) return;
      input.value = "";
      const chosen = this.state.chosen.get(facet.name);
      this.choose(facet.name, [...new Set([...chosen, facet.options[position][0]])]);
    }

    address(state = this.state) {
      return addressOf(state, this.library);
    }

    choose(name, values) {
      const chosen = new Map(this.state.chosen).set(name, values);
      this.go({ ...this.state, chosen, page: 1 });
    }

    clear() {
      this.words.value = "";
      this.go({ q: "", sort: this.state.sort, page: 1, chosen: new Map(this.library.facets.map(({ name }) => [name, []])) });
      this.words.focus();
    }

    /** Show another state, with an entry in the history of the browser, or in place of the present one. */
    go(state, replaces = false) {
      this.state = state;
      try {
        history[replaces ? "replaceState" : "pushState"](null, "", this.address(state));
      } catch {
        // A browser may refuse this for files; everything else works.
      }
      this.show(true);
    }

    show(draws) {
      const { library, state } = this;
      const { rows, counts } = find(library, state);
      const last = Math.max(1, Math.ceil(rows.length / this.view.perPage));
      state.page = Math.min(state.page, last);
      if (document.activeElement !== this.words) this.words.value = state.q;
      this.sort.value = state.sort;
      this.controls.forEach((control, position) => this.fill(control, counts[position]));
      this.showChosen();
      if (draws) {
        const shown = rows.slice((state.page - 1) * this.view.perPage, state.page * this.view.perPage);
        this.list.replaceChildren(rows.length ? this.view.listOf(library, shown, this.root, state.sort) : this.nothing());
      }
      const all = number(library.rows.length);
      const noun = this.view.nouns[library.rows.length === 1 ? 0 : 1];
      const part = last > 1 ? `, page ${number(state.page)} of ${number(last)}` : "";
      this.count.textContent = rows.length === library.rows.length
        ? `${all} ${noun}${part}`
        : `${all} ${noun}, ${number(rows.length)} shown${part}`;
      this.showPages(last);
    }

    /** The options of a select with their counts; the others are filled when they are opened. */
    fill(control, counts) {
      control.counts = counts;
      const { facet, select } = control;
      if (!select) return;
      const chosen = this.state.chosen.get(facet.name);
      const any = element("option", { value: "" }, chosen.length > 1 ? `${chosen.length} chosen` : "any");
      const options = facet.options.map(([value, text], position) => {
        const option = element("option", { value }, `${isolate(text)} (${number(counts[position])})`);
        option.disabled = counts[position] === 0 && !chosen.includes(value);
        return option;
      });
      select.replaceChildren(any, ...options);
      select.value = chosen.length === 1 && facet.numbers.has(chosen[0]) ? chosen[0] : "";
    }

    /** What is chosen, each with a button that removes it. */
    showChosen() {
      const buttons = this.controls.flatMap(({ facet }) => this.state.chosen.get(facet.name).map((value) => {
        const text = facet.options[facet.numbers.get(value)]?.[1] ?? value;
        const button = element("button", { type: "button", class: "it-chosen", "aria-label": `Remove ${facet.title}: ${text}` },
          element("bdi", {}, text), element("span", { "aria-hidden": "true" }, " ×"));
        button.addEventListener("click", () => {
          this.choose(facet.name, this.state.chosen.get(facet.name).filter((other) => other !== value));
          (this.chosen.querySelector("button") ?? this.words).focus();
        });
        return button;
      }));
      const isAnything = buttons.length > 0 || this.state.q !== "";
      this.chosen.hidden = !isAnything;
      const extras = isAnything ? [this.clearing("clear")] : [];
      if (isAnything && navigator.clipboard) {
        const copy = element("button", { type: "button", class: "it-plain" }, "copy link");
        copy.addEventListener("click", async () => {
          await navigator.clipboard.writeText(location.href);
          copy.textContent = "copied";
        });
        extras.push(copy);
      }
      this.chosen.replaceChildren(...[...buttons, ...extras].flatMap((button) => [button, " "]));
    }

    clearing(text) {
      const button = element("button", { type: "button", class: "it-plain it-clear" }, text);
      button.addEventListener("click", () => this.clear());
      return button;
    }

    nothing() {
      return element("p", { class: "it-nothing" }, "Nothing matches. ", this.clearing("clear"));
    }

    showPages(last) {
      const current = this.state.page;
      const link = (page, text, attributes) => {
        const made = element("a", { href: this.address({ ...this.state, page }), ...attributes }, text);
        made.addEventListener("click", (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
          event.preventDefault();
          this.go({ ...this.state, page });
          this.count.focus({ preventScroll: true });
          this.count.scrollIntoView({ block: "center" });
        });
        return made;
      };
      const [before, after] = this.state.sort === "newest" ? ["Newer", "Older"] : ["Previous", "Next"];
      const links = shownPages(current, last).map((page) => (page === 0
        ? element("span", { "aria-hidden": "true" }, "…")
        : link(page, number(page), { "aria-current": page === current ? "page" : null })));
      if (current > 1) links.unshift(link(current - 1, before, { rel: "prev" }));
      if (current < last) links.push(link(current + 1, after, { rel: "next" }));
      this.pager.replaceChildren(...(last > 1 ? links.flatMap((entry) => [entry, " "]) : []));
    }

    listen() {
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.words.addEventListener("input", () => {
        // One entry in the history for each word that is typed, and not for each letter.
        const isTyping = this.state.q !== "" && this.words.value !== "";
        this.go({ ...this.state, q: this.words.value, page: 1 }, isTyping);
      });
      this.sort.addEventListener("change", () => this.go({ ...this.state, sort: this.sort.value, page: 1 }));
      this.form.addEventListener("keydown", (event) => this.escape(event));
      this.list.addEventListener("keydown", (event) => this.arrow(event));
      this.words.addEventListener("keydown", (event) => this.arrow(event));
    }

    /** Escape empties the field; in an empty field it clears everything. */
    escape(event) {
      if (event.key !== "Escape" || event.target.tagName === "SELECT") return;
      event.preventDefault();
      event.stopPropagation();
      if (event.target !== this.words && event.target.tagName === "INPUT" && event.target.value) {
        event.target.value = "";
      } else if (event.target === this.words && this.words.value) {
        this.words.value = "";
        this.go({ ...this.state, q: "", page: 1 });
      } else {
        this.clear();
      }
    }

    /** Arrow keys go from the words to the entries, and from one entry to the next. */
    arrow(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      const links = [this.words, ...this.list.querySelectorAll(this.view.titles)];
      const here = links.findIndex((link) => link === event.target || link.closest("li, tr")?.contains(event.target));
      const next = links[here + step];
      if (here < 0 || !next) return;
      event.preventDefault();
      event.stopPropagation();
      next.focus();
    }
  }

  let search = null;

  const loading = new Set();

  /** Load the entries, if the page came without running its scripts. */
  const load = (address, then) => {
    if (!address || loading.has(address)) return;
    loading.add(address);
    const script = element("script", { src: address });
    script.addEventListener("load", then);
    document.head.append(script);
  };

  /** Start the search of a form, once: of the entries in the global `name`, which look as `view` says. */
  const begin = (selector, name, view) => {
    const form = document.querySelector(selector);
    if (!form?.hidden || document.documentElement.dataset.hasHydrated === "false") return;
    if (!window[name]) {
      if (document.readyState === "complete") load(form.dataset.entries, () => begin(selector, name, view));
      return;
    }
    const library = prepared(window[name], view);
    const moved = view.movedTo?.(library, location.hash);
    if (moved) location.replace(form.dataset.root + moved);
    else search = new Search(form, library, view);
  };

  /** Start it now, and in other forms: themes replace a part of the page, and hosts render it again. */
  const start = (selector, name, view) => {
    begin(selector, name, view);
    new MutationObserver(() => begin(selector, name, view)).observe(document.documentElement, {
      attributeFilter: ["data-has-hydrated"], childList: true, subtree: true,
    });
  };

  addEventListener("popstate", () => {
    if (!search?.form.isConnected) return;
    search.state = stateOf(location.search, search.library);
    search.words.value = search.state.q;
    search.show(true);
  });
  addEventListener("hashchange", () => {
    const moved = search?.form.isConnected ? search.view.movedTo?.(search.library, location.hash) : undefined;
    if (moved) location.replace(search.root + moved);
  });
  // The theme opens its own search on the same key; where the page is the search of a list, it means this one.
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !search?.form.isConnected) return;
    const target = event.target;
    if (!search.view.takesSlash || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    search.words.focus();
    search.words.select();
  }, true);

  return { element, start };
})();
